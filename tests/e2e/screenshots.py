"""``python -m tests.e2e.screenshots``: pictures of the real window into ``resources/screenshots/``.

The answers are the starter model's own, with seeds that give presentable ones; chats with a table and code,
with thinking and with branches are stored ones, because so small a model has neither. Names on the command
line choose some; ``--theme`` and ``--into`` look at every scene in one theme without touching the pictures.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from desktop.domain.settings import Setting
from tests.e2e.studio import SMALL, Studio
from tests.helpers.app_home import throwaway_home
from tests.helpers.app_process import ROOT
from tests.helpers.screen import Screen, wait_for

SKY = "Explain why the sky is blue to a ten-year-old, in five sentences."
HABITS = "What are three good habits for learning a language?"
STORY = "Write a short story about a lighthouse keeper who finds a letter in a bottle."
SAMPLERS: Mapping[str, object] = {"temperature": 1.2, "xtc_probability": 0.5, "top_n_sigma": 1.5}
NOTES = ROOT / "desktop" / "domain" / "outline.py"


def chat(studio: Studio) -> None:
    """The same chat in light, dark and a small window."""
    studio.new_chat()
    studio.set({Setting.THEME: "light"})
    with studio.app() as app:
        studio.ask(app, SKY)
        studio.ask(app, HABITS)
        studio.save(app, "chat-light")
        studio.resize(app, SMALL)
        studio.save(app, "chat-small")
    studio.set({Setting.THEME: "dark"})
    with studio.app() as app:
        studio.save(app, "chat-dark")


def empty(studio: Studio) -> None:
    studio.set({Setting.THEME: "light"})
    with studio.app() as app:
        app.sees("What shall we do?")
        studio.save(app, "empty")


def error(studio: Studio) -> None:
    """The engine ends in the middle of an answer."""
    studio.new_chat()
    studio.set({Setting.THEME: "light"})
    with studio.app() as app:
        app.ask(STORY)
        studio.wait_for_text(400)
        app.worker().kill()
        app.sees("The engine was ended from outside")
        studio.save(app, "error")


def rendering(studio: Studio) -> None:
    studio.stored_chat()
    studio.set({Setting.THEME: "dark"})
    with studio.app() as app:
        studio.save(app, "rendering-dark")
    studio.set({Setting.THEME: "light"})
    with studio.app() as app:
        studio.save(app, "rendering-light")


def thinking(studio: Studio) -> None:
    """What a model thought, unfolded above its answer."""
    studio.thoughtful_chat()
    studio.set({Setting.THEME: "light"})
    with studio.app() as app:
        app.press_button("Thought for 12 s")
        app.sees("What matters here")
        studio.save(app, "thinking")


def sidebar(studio: Studio) -> None:
    """The samplers, some of them turned on."""
    studio.new_chat(SAMPLERS)
    studio.set({Setting.THEME: "dark", Setting.OPEN_SECTIONS: ["sampling", "advanced"]})
    with studio.app() as app:
        app.sees("Sampler order")
        studio.save(app, "samplers")


def settings(studio: Studio) -> None:
    studio.set({Setting.THEME: "light"})
    with studio.app() as app:
        studio.press("ctrl+comma")
        app.sees("Settings")
        studio.save(app, "settings")


def menus(studio: Studio) -> None:
    studio.new_chat()
    studio.set({Setting.THEME: "light"})
    with studio.app() as app:
        studio.press("ctrl+l")
        wait_for(lambda: studio.popups(app), "the model menu")
        studio.save(app, "model-menu")
        studio.press("Escape")
        studio.press("ctrl+shift+p")
        app.sees("Command palette")
        studio.save(app, "command-palette")


def organized(studio: Studio) -> None:
    """Folders and pins on the left; formulas, a rating and versions in the chat; its map."""
    studio.busy_life()
    studio.set({Setting.THEME: "light"})
    with studio.app() as app:
        app.sees("Pendulum")
        studio.save(app, "formulas")
        studio.press("ctrl+shift+m")
        app.sees("Map of this chat")
        studio.save(app, "branches")


def looking(studio: Studio) -> None:
    """Words found in the open chat, and in all."""
    studio.busy_life()
    studio.set({Setting.THEME: "light"})
    with studio.app() as app:
        studio.press("ctrl+f")
        studio.type("pendulum")
        app.sees("of")
        studio.save(app, "find")
        studio.press("Escape", "ctrl+k")
        studio.type("length")
        app.sees("found")
        studio.save(app, "search")


def composing(studio: Studio) -> None:
    """A file beside what is typed, how the reply begins, and what all of it costs."""
    studio.busy_life()
    studio.set({Setting.THEME: "dark"})
    with studio.app() as app:
        studio.type("What does this file do?")
        studio.attach(app, NOTES)
        studio.press("ctrl+shift+j")
        studio.type("In short,")
        studio.press("ctrl+shift+k")
        app.sees("Messages that go to the model")
        studio.save(app, "ledger")


def acting(studio: Studio) -> None:
    """What can be done with a message, and how it was made."""
    studio.busy_life()
    studio.set({Setting.THEME: "light"})
    with studio.app() as app:
        studio.press("ctrl+m")
        wait_for(lambda: studio.popups(app), "the message's menu")
        studio.save(app, "message-menu")
        studio.press("Escape", "ctrl+i")
        app.sees("How this was made")
        studio.save(app, "origin")
        studio.press("Escape", "ctrl+alt+r")
        app.sees("Answer again with")
        studio.save(app, "again-with")


def tidying(studio: Studio) -> None:
    """The trash in the place of the list, and every key."""
    studio.busy_life()
    studio.set({Setting.THEME: "dark"})
    with studio.app() as app:
        studio.press("ctrl+shift+t")
        app.sees("Deleted chats")
        studio.save(app, "trash")
        studio.press("Escape", "F1")
        app.sees("Keyboard shortcuts")
        studio.save(app, "keys")


SCENES: tuple[Callable[[Studio], None], ...] = (
    chat,
    empty,
    error,
    rendering,
    thinking,
    sidebar,
    settings,
    menus,
    organized,
    looking,
    composing,
    acting,
    tidying,
)


def main() -> int:
    names = [scene.__name__ for scene in SCENES]
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(names)}")
    parser.add_argument("--theme", choices=("light", "dark"), default="", help="all scenes in this one")
    parser.add_argument("--into", type=Path, default=ROOT / "resources" / "screenshots", metavar="FOLDER")
    asked = parser.parse_args()
    wanted = asked.names or names
    if unknown := set(wanted) - set(names):
        parser.error(f"no scene {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    # Larger than the largest window, so that nothing around it is in the way.
    with throwaway_home() as home, Screen(1640, 1040) as screen:
        for scene in SCENES:
            if scene.__name__ in wanted:
                scene(Studio(screen, home / scene.__name__, asked.into, asked.theme))
    return 0


if __name__ == "__main__":
    sys.exit(main())
