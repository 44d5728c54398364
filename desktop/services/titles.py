"""Titles that the model writes while nobody waits for it: what a chat is about, in place of its first words.

Only chats that still have their first title get one. Whatever the user does goes first: a title that is
being written is given up as soon as an answer is asked for, and a name that the user gave is never touched.
"""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import aclosing

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Message, PartKind, Role, Status, title_from
from desktop.domain.engine_state import Ready
from desktop.domain.errors import LocutionError
from desktop.domain.generation import Done, FinishReason, GenerationRequest, Turn
from desktop.domain.model import LoadedModel
from desktop.domain.parameters import Parameters
from desktop.domain.settings import Setting
from desktop.services.bus import ChangeBus
from desktop.services.chat import ChatService
from desktop.services.conversations import ConversationService
from desktop.services.models import ModelService
from desktop.services.settings import SettingsService
from desktop.services.tasks import Tasks
from desktop.system.printable import one_line

IDLE_S = 3.0
"""Seconds in which nothing happened before a title is written."""
CAPABLE = 500_000_000
"""Bytes of a model file from which on titles are better than the first words of the question."""
MOST_CHATS = 5
"""Chats that wait for a title, the newest ones."""
LONGEST = 60
"""Characters of a title."""
MOST_WORDS = 9
_TOKENS = 20
"""Of a title, and its end."""
_READ = 600
"""Characters of the question and of the answer that the model is shown."""
_PREFILL = "Title:"
_SYSTEM = "You name conversations: two to six words about the topic, in the language of the question."
_EXAMPLES = (
    ("What can I cook with rice and two eggs?", "Fried rice is quick: …", "Meals With Rice and Eggs"),
    ("Mein Drucker ist an, gilt aber als offline.", "Starten Sie ihn neu …", "Drucker ist offline"),
)
_MARKS = " \t*_#`~\"'“”„‘’«»‹›"
_ENDS = " .,:;…"
_log = logging.getLogger(__name__)


class TitleService:
    """On the loop. Remembers the chats that were answered since the start, and which had their turn."""

    def __init__(
        self,
        conversations: ConversationService,
        chat: ChatService,
        models: ModelService,
        settings: SettingsService,
        bus: ChangeBus,
    ) -> None:
        self.idle_s = IDLE_S
        self._conversations = conversations
        self._chat = chat
        self._models = models
        self._settings = settings
        self._tasks = Tasks()
        self._waiting: list[str] = []
        """Chats, the one last answered at the end."""
        self._had: set[str] = set()
        """Chats that had their turn, whatever came of it."""
        self._writing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unsubscribe = bus.subscribe(self._on_changed)

    def put_off(self) -> None:
        """The user is about to do something: not before it has been quiet for a while again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(self.idle_s, self._begin)

    async def aclose(self) -> None:
        self._unsubscribe()
        self._waiting.clear()
        self.put_off()
        await self._tasks.aclose()

    def _on_changed(self, change: Change) -> None:
        match change.kind:
            case Kind.MESSAGES:
                self._note(change.ids)
                if self._chat.is_answering and self._writing is not None:
                    self._writing.cancel()
                self.put_off()
            case Kind.MODEL | Kind.SETTINGS if self._writing is None:
                self.put_off()
            case _:
                pass

    def _note(self, conversation_ids: frozenset[str]) -> None:
        """Chats in which something happened, and may have been answered."""
        for conversation_id in conversation_ids - self._had:
            if conversation_id in self._waiting:
                self._waiting.remove(conversation_id)
            self._waiting = [*self._waiting, conversation_id][-MOST_CHATS:]

    def _begin(self) -> None:
        self._timer = None
        model = self._models.current
        if model is not None and self._waiting and self._writing is None and self._may_write(model):
            self._writing = self._tasks.start(self._write(self._waiting[-1], model), "write a title")
            self._writing.add_done_callback(self._on_written)

    def _may_write(self, model: LoadedModel) -> bool:
        if not isinstance(self._models.state, Ready) or not model.has_template:
            return False
        match self._settings.text(Setting.AUTO_TITLES):
            case "always":
                return True
            case "capable":
                return model.size >= CAPABLE
            case _:
                return False

    def _on_written(self, _task: asyncio.Task[None]) -> None:
        self._writing = None
        self.put_off()

    async def _write(self, conversation_id: str, model: LoadedModel) -> None:
        try:
            asked = await self._asked(conversation_id)
            if asked is not None:
                title = await self._ask_model(*asked, model)
                if title:
                    await self._conversations.retitle(conversation_id, first_title(asked[0]), title)
        except LocutionError as error:
            # The chat is gone, or the engine: nothing that anybody waits for.
            _log.info("No title was written: %s", error)
        self._had.add(conversation_id)
        if conversation_id in self._waiting:
            self._waiting.remove(conversation_id)

    async def _asked(self, conversation_id: str) -> tuple[Message, Message] | None:
        """The first question and its answer, if the chat has both and still goes by its first title."""
        head = await self._conversations.head(conversation_id)
        if head.temporary or head.trashed_at is not None or not head.title:
            return None
        first = await self._conversations.beginning(conversation_id, 2)
        roles = [message.role for message in first]
        if roles != [Role.USER, Role.ASSISTANT] or first_title(first[0]) != head.title:
            return None
        question, answer = first
        return (question, answer) if answer.status in (Status.COMPLETE, Status.LENGTH) else None

    async def _ask_model(self, question: Message, answer: Message, model: LoadedModel) -> str:
        request = GenerationRequest(
            _turns(question, answer),
            Parameters(
                max_tokens=_TOKENS,
                temperature=0.2,
                stop=("\n",),
                thinking="off" if model.can_switch_thinking else "auto",
            ),
            reproducible=False,
            prefill=_PREFILL,
        )
        async with aclosing(self._models.generate(request)) as generation:
            async for event in generation:
                if isinstance(event, Done):
                    response = event.responses[0]
                    # One that has no end is no title, and half of it is none either.
                    return clean(response.text) if response.finish_reason is FinishReason.STOP else ""
        return ""


def first_title(question: Message) -> str:
    """What a chat is called that began with this: see :meth:`ChatService.send`."""
    named = [part.name for part in question.parts if part.kind is PartKind.ATTACHMENT]
    return title_from(question.text.strip() or next(iter(named), ""))


def clean(text: str) -> str:
    """A title out of what a model wrote; empty if there is none in it."""
    line = one_line(text.strip().split("\n")[0], LONGEST * 4)
    line = re.sub(rf"^\s*{_PREFILL}", "", line, flags=re.IGNORECASE).strip(_MARKS)
    line = line.rstrip(_ENDS).strip(_MARKS)
    words = re.findall(r"\w+", line.casefold())
    is_absurd = not words or len(words) > MOST_WORDS or len(line) > LONGEST or len(line) < 2
    return "" if is_absurd or max(map(words.count, words)) > 2 else line


def _turns(question: Message, answer: Message) -> tuple[Turn, ...]:
    turns = [Turn(Role.SYSTEM, _SYSTEM)]
    for asked, answered, title in _EXAMPLES:
        turns += [Turn(Role.USER, _shown(asked, answered)), Turn(Role.ASSISTANT, f"{_PREFILL} {title}")]
    asked = question.text.strip() or first_title(question)
    return (*turns, Turn(Role.USER, _shown(asked[:_READ], answer.text[:_READ])))


def _shown(question: str, answer: str) -> str:
    return f"Question: {question}\nAnswer: {answer}"
