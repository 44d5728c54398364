"""What the next message would cost, and what it would cost it: the context ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from desktop.domain.conversation import Part, Role
from desktop.domain.errors import EngineBusyError, NoModelError
from desktop.domain.generation import GenerationRequest, Turn
from desktop.domain.ledger import BEGINNING, Foresight, Ledger, LedgerTurn, Share
from desktop.services.bus import ChangeBus
from desktop.services.chat import ChatService
from desktop.services.conversations import ConversationService
from desktop.services.models import ModelService
from desktop.services.shown_branch import ShownBranch
from desktop.services.turns import Said, about_to_be_said, as_sent, turns_from
from desktop.system.printable import one_line

_BETWEEN = 4
"""Tokens that may come between two pieces of a turn."""
_PORTION = 500
"""Messages that are looked at before the loop gets its turn: some 2 ms."""
MAX_COUNTS = 20_000
"""Texts whose number of tokens is remembered."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A file or a text of a message."""

    part: Said
    share: Share
    text: str


@dataclass(frozen=True, slots=True)
class _Plan:
    """What would be sent: ``pieces`` has those of each turn; ``mixed`` are the turns of several.

    ``listed`` are the messages to show, also those that are excluded, each with its beginning.
    """

    listed: tuple[tuple[Said, str], ...]
    turns: tuple[Turn, ...]
    pieces: tuple[tuple[_Piece, ...], ...]
    mixed: tuple[int, ...]

    @classmethod
    def of(cls, said: Sequence[Said], system_prompt: str = "") -> _Plan:
        made = list(turns_from(said, system_prompt))
        pieces = tuple(tuple(piece for part in parts for piece in _pieces(part)) for _, parts in made)
        mixed = (at for at, several in enumerate(pieces) if len(several) > 1)
        listed = tuple((each, _beginning(each)) for each in said if each.text or each.files)
        return cls(listed, tuple(turn for turn, _ in made), pieces, tuple(mixed))

    def followed_by(self, said: Said) -> _Plan:
        """With one more message at the end, which may become a part of the last turn."""
        if not said.is_sent:
            return self
        kept = max(0, len(self.turns) - 1)
        if self.turns and self.turns[-1].role is not said.role:
            kept += 1
        last = dict.fromkeys(piece.part for pieces in self.pieces[kept:] for piece in pieces)
        end = _Plan.of([*last, said])
        return _Plan(
            (*self.listed, (said, _beginning(said))),
            self.turns[:kept] + end.turns,
            self.pieces[:kept] + end.pieces,
            tuple(at for at in self.mixed if at < kept) + tuple(kept + at for at in end.mixed),
        )


class LedgerService:
    """Asks the engine without running it. On the loop; may be cancelled, only the last answer matters."""

    def __init__(
        self, conversations: ConversationService, chat: ChatService, models: ModelService, bus: ChangeBus
    ) -> None:
        self._conversations = conversations
        self._chat = chat
        self._models = models
        self._branch = ShownBranch(conversations, bus)
        self._planned: tuple[Sequence[Said], str, _Plan] | None = None
        self._counts: dict[bytes, int] = {}
        """By model and text, the one that was counted first at the front."""

    async def of(self, conversation_id: str, text: str, attachments: Sequence[Part] = ()) -> Ledger | None:
        """The ledger of a message that is not sent yet; ``None`` while no model is loaded.

        Raises :class:`NotFoundError`, :class:`TemplateError` if the model's template refuses the messages,
        :class:`EngineGoneError`, :class:`ContextOverflowError` for what is too long even to ask about.
        """
        if self._models.current is None:
            return None
        conversation, path = await self._branch.read(conversation_id)
        effective = self._conversations.effective(conversation)
        new = about_to_be_said(text, attachments)
        path = self._as_of_now(conversation_id, path)
        plan = (await self._plan(path, effective.system_prompt)).followed_by(new)
        key = "" if conversation.temporary else conversation_id
        try:
            foresight = await self._models.ask.foresee(
                GenerationRequest(plan.turns, effective.parameters, state_key=key)
            )
            counts = {at: [await self.count(each.text) for each in plan.pieces[at]] for at in plan.mixed}
        except (NoModelError, EngineBusyError):
            # Unloaded meanwhile, or another is being loaded.
            return None
        return await _ledger(plan, counts, foresight)

    async def count(self, text: str) -> int:
        """Tokens of a text, such as a file's. Raises what :meth:`ModelService.count_tokens` does."""
        model = self._models.current
        salt = model.model_hash.encode()[:64] if model else b""
        key = blake2b(text.encode("utf-8", "replace"), key=salt, digest_size=16).digest()
        if (count := self._counts.get(key)) is None:
            count = await self._models.count_tokens(text)
            if len(self._counts) >= MAX_COUNTS:
                del self._counts[next(iter(self._counts))]
            self._counts[key] = count
        return count

    async def count_file(self, part: Part) -> int:
        """Tokens of an attachment as it is sent, with what stands around it."""
        return await self.count(as_sent(part))

    async def _plan(self, path: Sequence[Said], system_prompt: str) -> _Plan:
        """Of what is in the chat. Made once: as somebody types it stays what it is."""
        planned = self._planned
        if planned is None or planned[0] is not path or planned[1] != system_prompt:
            # Beside the loop: a long chat takes some milliseconds.
            plan = await asyncio.to_thread(_Plan.of, path, system_prompt)
            planned = self._planned = path, system_prompt, plan
        return planned[2]

    def _as_of_now(self, conversation_id: str, path: Sequence[Said]) -> Sequence[Said]:
        """With what the running answer says by now, which is written down as it comes."""
        live = self._chat.running(conversation_id)
        if live is None or not path or path[-1].message_id != live.message_id:
            return path
        return [*path[:-1], Said(live.message_id, Role.ASSISTANT, live.text, context=path[-1].context)]


def _pieces(part: Said) -> Iterator[_Piece]:
    for file in part.files:
        yield _Piece(part, Share.ATTACHMENTS, file)
    if part.text:
        yield _Piece(part, _share(part), part.text)


def _share(part: Said) -> Share:
    if part.message_id is not None:
        return Share.HISTORY
    return Share.SYSTEM if part.role is Role.SYSTEM else Share.NEW


async def _ledger(plan: _Plan, counts: Mapping[int, Sequence[int]], foresight: Foresight) -> Ledger:
    """``counts`` has the tokens of each piece of the turns that are mixed.

    On the loop in short portions: a thread would hold it up for longer, each time it wants to go on.
    """
    shares = dict.fromkeys(Share, 0)
    tokens: dict[str | None, int] = {}
    dropped: set[str | None] = set()
    left_out = set(foresight.cut.turns) if foresight.cut else set()
    for at, (pieces, total) in enumerate(zip(plan.pieces, foresight.turn_tokens, strict=True)):
        if at % _PORTION == _PORTION - 1:
            await asyncio.sleep(0)
        for piece, size in zip(pieces, _sizes(total, counts.get(at, (total,))), strict=True):
            name = piece.part.message_id
            shares[piece.share] += size
            if piece.share is not Share.SYSTEM:
                tokens[name] = tokens.get(name, 0) + size
                if at in left_out:
                    dropped.add(name)
    _balance(shares, foresight.prompt_tokens)
    shares[Share.RESERVE] = foresight.reserve
    turns = []
    for at, (each, beginning) in enumerate(plan.listed):
        if at % _PORTION == _PORTION - 1:
            await asyncio.sleep(0)
        name, count = each.message_id, tokens.get(each.message_id, 0)
        turns.append(LedgerTurn(name, each.role, count, each.context, name in dropped, beginning))
    return Ledger(shares, tuple(turns), foresight)


def _sizes(total: int, counts: Sequence[int]) -> Sequence[int]:
    """The pieces of a turn of ``total`` tokens; what stands between them is left to the template.

    Where the counts cannot be so, as when long texts were estimated, the turn is shared out as they say.
    """
    whole = sum(counts)
    if 0 <= total - whole <= _BETWEEN * len(counts):
        return counts
    sizes = [total * count // whole if whole else 0 for count in counts]
    sizes[-1] += total - sum(sizes)
    return sizes


def _balance(shares: dict[Share, int], total: int) -> None:
    """What is left is the template's. One that leaves out white space may take more than it adds."""
    shares[Share.TEMPLATE] = total - sum(shares.values())
    if shares[Share.TEMPLATE] < 0:
        largest = max(shares, key=lambda share: shares[share])
        shares[largest] += shares[Share.TEMPLATE]
        shares[Share.TEMPLATE] = 0


def _beginning(each: Said) -> str:
    return one_line(" ".join(each.text[: 2 * BEGINNING].split()), BEGINNING) if each.text else each.name
