"""``python -m tests.e2e.screenshots``: pictures of the real window into ``resources/screenshots/``.

The answers are the starter model's own, with seeds that give presentable ones; the chats with a table and
code and with thinking are stored ones, because so small a model has neither. Names on the command line choose
some.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from desktop.domain.conversation import Conversation
from desktop.domain.settings import Setting
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.system.paths import DATABASE_NAME
from tests.helpers.app_data import Stored, put_settings, stored_answers
from tests.helpers.app_home import throwaway_home
from tests.helpers.app_process import ANSWER_S, ROOT, App
from tests.helpers.chats import store_chat, store_titles, thoughtful, turns
from tests.helpers.screen import Screen, wait_for

TARGET = ROOT / "resources" / "screenshots"
LARGE, SMALL = (1600, 1000), (900, 600)
MOST_BYTES = 300_000
CHATS = 9
SKY = "Explain why the sky is blue to a ten-year-old, in five sentences."
HABITS = "What are three good habits for learning a language?"
STORY = "Write a short story about a lighthouse keeper who finds a letter in a bottle."
SAMPLERS: Mapping[str, object] = {"temperature": 1.2, "xtc_probability": 0.5, "top_n_sigma": 1.5}
STEADY: Mapping[str, object] = {"temperature": 0.5, "seed": 4, "max_tokens": 300}


class Studio:
    """A data folder laid out for one picture or more, and the app on it."""

    def __init__(self, screen: Screen, data_dir: Path) -> None:
        self._screen = screen
        self._data_dir = data_dir
        data_dir.mkdir()
        asyncio.run(store_titles(data_dir / DATABASE_NAME, CHATS))

    def set(self, values: dict[Setting, object]) -> None:
        put_settings(self._data_dir, values)

    def new_chat(self, overrides: Mapping[str, object] = STEADY) -> None:
        """An empty chat with these parameters, open when the app starts."""

        async def create() -> None:
            database = await Database.open(self._data_dir / DATABASE_NAME)
            try:
                now = time.time()
                made = Conversation("new", "", now, now, preset_id="chatbot", overrides=overrides)
                await ConversationRepository(database).create(made)
            finally:
                await database.close()

        asyncio.run(create())
        self.set({Setting.LAST_CONVERSATION: "new"})

    def stored_chat(self) -> None:
        """A chat with code, a table and a list, open when the app starts."""
        messages = list(turns("rendered", 6, start=time.time()))
        asyncio.run(store_chat(self._data_dir / DATABASE_NAME, "rendered", "Which database", messages))
        self.set({Setting.LAST_CONVERSATION: "rendered"})

    def thoughtful_chat(self) -> None:
        """A chat whose answer was thought about, open when the app starts."""
        messages = list(thoughtful("thoughtful", start=time.time()))
        asyncio.run(store_chat(self._data_dir / DATABASE_NAME, "thoughtful", "Which database", messages))
        self.set({Setting.LAST_CONVERSATION: "thoughtful"})

    @contextmanager
    def app(self, size: tuple[int, int] = LARGE) -> Iterator[App]:
        app = App(self._screen, self._data_dir)
        try:
            self.resize(app, size)
            app.ready()
            yield app
        finally:
            app.close()

    def resize(self, app: App, size: tuple[int, int]) -> None:
        window = app.window()
        self._screen.resize(window, *size)
        wait_for(lambda: self._screen.geometry(window)[2:] == size, f"a window of {size}")

    def ask(self, app: App, text: str) -> None:
        """Asks and waits for the whole answer."""
        before = len(stored_answers(self._data_dir))
        app.ask(text)
        wait_for(lambda: len(self._whole()) > before, "an answer", ANSWER_S)
        app.until(lambda _: app.model_state().endswith(", ready"), "the model is ready again")

    def wait_for_text(self, length: int) -> None:
        """Until the running answer has so many characters."""
        wait_for(
            lambda: any(len(answer.text) > length for answer in stored_answers(self._data_dir)),
            "some text",
            ANSWER_S,
        )

    def popups(self, app: App) -> int:
        return self._screen.popups(app.pid)

    def press(self, *keys: str) -> None:
        self._screen.press(*keys)

    def save(self, app: App, name: str) -> None:
        """Takes the picture once the window has stopped changing, the pointer out of the way."""
        window = app.window()
        self._screen.point(*self._corner())
        last = b""

        def still() -> bool:
            nonlocal last
            before, last = last, self._screen.pixels(window)
            return before == last

        # The cursor in the composer blinks; between two blinks the window is still.
        wait_for(still, "a window that is still", every=0.15)
        path = TARGET / f"{name}.png"
        self._screen.save_picture(path, window)
        size = path.stat().st_size
        assert size < MOST_BYTES, f"{path.name} has {size:,} bytes"
        sys.stdout.write(f"{path.relative_to(ROOT)}  {size // 1000} kB\n")

    def _whole(self) -> list[Stored]:
        return [answer for answer in stored_answers(self._data_dir) if answer.status != "streaming"]

    @staticmethod
    def _corner() -> tuple[int, int]:
        return 1755, 1155


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


SCENES: tuple[Callable[[Studio], None], ...] = (
    chat,
    empty,
    error,
    rendering,
    thinking,
    sidebar,
    settings,
    menus,
)


def main() -> int:
    names = [scene.__name__ for scene in SCENES]
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(names)}")
    wanted = parser.parse_args().names or names
    if unknown := set(wanted) - set(names):
        parser.error(f"no scene {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    # Larger than the largest window, so that nothing around it is in the way.
    with throwaway_home() as home, Screen(1760, 1160) as screen:
        for scene in SCENES:
            if scene.__name__ in wanted:
                scene(Studio(screen, home / scene.__name__))
    return 0


if __name__ == "__main__":
    sys.exit(main())
