"""What the next message would cost, and what it would cost it: the context ledger."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from desktop.domain.conversation import Part, Role
from desktop.domain.errors import EngineBusyError, NoModelError
from desktop.domain.generation import GenerationRequest
from desktop.domain.ledger import BEGINNING, Foresight, Ledger, LedgerTurn, LedgerTurns, Share
from desktop.services.bus import ChangeBus
from desktop.services.chat import ChatService
from desktop.services.conversations import ConversationService
from desktop.services.ledger_plan import Plan
from desktop.services.models import ModelService
from desktop.services.shown_branch import ShownBranch
from desktop.services.turns import Said, about_to_be_said, as_sent
from desktop.system.printable import one_line

_BETWEEN = 4
"""Tokens that may come between two pieces of a turn."""
_PORTION = 250
"""Messages that are looked at before the loop gets its turn, which takes a millisecond or two."""
MAX_COUNTS = 20_000
"""Texts whose number of tokens is remembered."""


class LedgerService:
    """Asks the engine without running it. On the loop; may be cancelled, only the last answer matters."""

    def __init__(
        self, conversations: ConversationService, chat: ChatService, models: ModelService, bus: ChangeBus
    ) -> None:
        self._conversations = conversations
        self._chat = chat
        self._models = models
        self._branch = ShownBranch(conversations, bus)
        self._plan = Plan()
        self._instructions = Said(None, Role.SYSTEM, "")
        self._counts: dict[bytes, int] = {}
        """By model and text, the one that was counted first at the front."""

    async def of(self, conversation_id: str, text: str, attachments: Sequence[Part] = ()) -> Ledger | None:
        """The ledger of a message that is not sent yet; ``None`` while no model is loaded.

        Raises :class:`NotFoundError`, :class:`TemplateError` if the model's template refuses the messages,
        :class:`EngineGoneError`, :class:`ContextOverflowError` for what is too long even to ask about.
        """
        if self._models.current is None:
            return None
        conversation, branch = await self._branch.read(conversation_id)
        effective = self._conversations.effective(conversation)
        branch = self._as_of_now(conversation_id, branch)
        ends = (*branch[-1:], about_to_be_said(text, attachments))
        said = (*branch[:-1], *(each for each in ends if each.text or each.files))
        plan = await self._planned_for(effective.system_prompt, said)
        key = "" if conversation.temporary else conversation_id
        try:
            foresight = await self._models.ask.foresee(
                GenerationRequest(plan.turns, effective.parameters, state_key=key)
            )
            counts = {}
            for at in foresight.turn_tokens:
                if len(pieces := plan.pieces(at)) > 1:
                    counts[at] = [await self.count(each.text) for each in pieces]
        except (NoModelError, EngineBusyError):
            # Unloaded meanwhile, or another is being loaded.
            return None
        return _ledger(plan, counts, foresight)

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

    async def _planned_for(self, system_prompt: str, said: Sequence[Said]) -> Plan:
        """What has changed since the last time is planned; a long chat, in portions."""
        if system_prompt != self._instructions.text:
            self._instructions = Said(None, Role.SYSTEM, system_prompt)
        first = [self._instructions] if system_prompt.strip() else []
        path = (*first, *said)
        plan = self._plan
        same = plan.same(path)
        while len(path) - same > _PORTION:
            plan = self._plan = plan.changed(path[: same + _PORTION], same)
            same += _PORTION
            await asyncio.sleep(0)
        plan = self._plan = plan.changed(path, same)
        return plan

    def _as_of_now(self, conversation_id: str, path: Sequence[Said]) -> Sequence[Said]:
        """With what the running answer says by now, which is written down as it comes."""
        live = self._chat.running(conversation_id)
        if live is None or not path or path[-1].message_id != live.message_id:
            return path
        return [*path[:-1], Said(live.message_id, Role.ASSISTANT, live.text, context=path[-1].context)]


def _ledger(plan: Plan, counts: Mapping[int, Sequence[int]], foresight: Foresight) -> Ledger:
    """``counts`` has the tokens of each piece of the turns that were counted and have several.

    Only what was counted is looked at one by one: of a long chat it is the end.
    """
    shares = dict.fromkeys(Share, 0)
    rest = Counter(plan.characters)
    tokens: Counter[str | None] = Counter()
    for at, total in foresight.turn_tokens.items():
        pieces = plan.pieces(at)
        for piece, size in zip(pieces, _sizes(total, counts.get(at, (total,))), strict=True):
            shares[piece.share] += size
            rest[piece.share] -= len(piece.text)
            if piece.share is not Share.SYSTEM:
                tokens[piece.part.message_id] += size
    for share, characters in rest.items():
        shares[share] += round(characters * foresight.tokens_per_character)
    _balance(shares, foresight.prompt_tokens)
    shares[Share.RESERVE] = foresight.reserve
    dropped, first = foresight.cut.turns if foresight.cut else (), plan.first

    def is_dropped(turn: int) -> bool:
        return bisect_left(dropped, turn) < bisect_right(dropped, turn)

    def turn(row: int) -> LedgerTurn:
        each, at = plan.path[first + row], plan.turn_of(first + row)
        about = at is not None and each.message_id not in tokens
        count = round(each.characters * foresight.tokens_per_character) if about else tokens[each.message_id]
        is_out = at is not None and is_dropped(at)
        return LedgerTurn(each.message_id, each.role, count, each.context, is_out, about, _beginning(each))

    rows = LedgerTurns(len(plan.path) - first, lambda row: plan.path[first + row].message_id, turn)
    kept = sum(len(plan.parts[at]) for at in foresight.turn_tokens if not is_dropped(at))
    instructions = first if is_dropped(0) else 0
    return Ledger(shares, rows, foresight, plan.sent - kept - instructions if dropped else 0)


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
