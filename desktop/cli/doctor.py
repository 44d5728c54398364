"""Say what this machine has, and what is wrong. That something is wrong is no failure of the command."""

from __future__ import annotations

import argparse
import asyncio

from desktop.cli.exit_code import ExitCode
from desktop.cli.output import say, say_json
from desktop.cli.update_progress import UpdateProgress
from desktop.services.doctor import examine, in_words


def doctor(options: argparse.Namespace) -> ExitCode:
    report = asyncio.run(examine(options.data_dir, UpdateProgress().tell))
    if options.json:
        say_json(report)
    else:
        say(in_words(report))
    return ExitCode.DONE
