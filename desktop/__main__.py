"""Where the app starts: an engine worker, a headless command, or the window.

The worker is told apart first, before anything of the app is imported: it must start quickly and load no Qt.
"""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Runs until done; returns the process's exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["--engine-worker"]:
        from desktop.engine.worker.main import main as run_worker

        return run_worker(arguments[1] if len(arguments) > 1 else "llama")
    try:
        from desktop.cli.arguments import parse_arguments

        options = parse_arguments(arguments)
        if options.command is not None:
            from desktop.cli.edge import main as run_command

            return run_command(options)
    except KeyboardInterrupt:
        # So early that nothing has been done yet. Named in desktop.cli.exit_code.
        return 130
    from desktop.main import run_window

    return run_window(options.data_dir)


if __name__ == "__main__":
    sys.exit(main())
