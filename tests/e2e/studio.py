"""A data folder laid out for a picture, and the app on it: what scenes are made with."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from desktop.domain.conversation import Conversation
from desktop.domain.settings import Setting
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.system.paths import DATABASE_NAME
from tests.e2e.busy_life import PHYSICS, lay_out
from tests.helpers.app_data import Stored, put_settings, stored_answers
from tests.helpers.app_process import App
from tests.helpers.chats import store_chat, store_titles, thoughtful, turns
from tests.helpers.screen import Screen, wait_for

LARGE, SMALL = (1600, 1000), (900, 600)
MOST_BYTES = 300_000
CHATS = 9
STEADY: Mapping[str, object] = {"temperature": 0.5, "seed": 4, "max_tokens": 300}


class Studio:
    """A data folder laid out for one picture or more, and the app on it."""

    def __init__(self, screen: Screen, data_dir: Path, target: Path, theme: str = "") -> None:
        self._screen = screen
        self._data_dir = data_dir
        self._target = target
        self._theme = theme
        data_dir.mkdir()
        asyncio.run(store_titles(data_dir / DATABASE_NAME, CHATS))

    def set(self, values: dict[Setting, object]) -> None:
        if self._theme and Setting.THEME in values:
            values = {**values, Setting.THEME: self._theme}
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

    def busy_life(self) -> None:
        """Chats in folders, one pinned, one with branches, formulas and ratings, which is open."""
        asyncio.run(lay_out(self._data_dir / DATABASE_NAME))
        self.set({Setting.LAST_CONVERSATION: PHYSICS})

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
        wait_for(lambda: len(self._whole()) > before, "an answer")
        app.until(lambda _: app.model_state().endswith(", ready"), "the model is ready again")

    def wait_for_text(self, length: int) -> None:
        """Until the running answer has so many characters."""
        wait_for(
            lambda: any(len(answer.text) > length for answer in stored_answers(self._data_dir)), "some text"
        )

    def popups(self, app: App) -> int:
        return self._screen.popups(app.pid)

    def press(self, *keys: str) -> None:
        self._screen.press(*keys)

    def type(self, text: str) -> None:
        self._screen.type(text)

    def attach(self, app: App, file: Path) -> None:
        """Through the dialog, as somebody does who knows where the file is."""
        self.press("ctrl+u")
        app.sees("Attach files")
        self.type(str(file))
        self.press("Return")
        app.sees(file.name)

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
        path = self._target / f"{name}.png"
        self._screen.save_picture(path, window)
        size = path.stat().st_size
        assert size < MOST_BYTES, f"{path.name} has {size:,} bytes"
        sys.stdout.write(f"{path.name}  {size // 1000} kB\n")

    def _whole(self) -> list[Stored]:
        return [answer for answer in stored_answers(self._data_dir) if answer.status != "streaming"]

    @staticmethod
    def _corner() -> tuple[int, int]:
        return 1755, 1155
