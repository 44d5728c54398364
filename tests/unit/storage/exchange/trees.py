"""Random chats, as the app can have them."""

from hypothesis import strategies as st

from desktop.domain.conversation import (
    Conversation,
    InContext,
    Message,
    Origin,
    Part,
    PartKind,
    Rating,
    Role,
    Status,
)
from desktop.domain.exchange import PortableChat

TEXT = st.text(max_size=30)
TIMES = st.floats(min_value=1.0, max_value=4e9, allow_nan=False)
PARTS = st.lists(st.builds(Part, st.sampled_from(PartKind), TEXT, TEXT), max_size=3).map(tuple)
ATTACHMENTS = st.lists(st.builds(Part, st.just(PartKind.ATTACHMENT), TEXT, TEXT), max_size=2).map(tuple)
COUNTS = st.integers(0, 2**40)
ORIGINS = st.builds(
    Origin,
    model_name=TEXT,
    model_hash=TEXT,
    engine_build=TEXT,
    preset_id=TEXT,
    system_prompt=TEXT,
    parameters=st.fixed_dictionaries({"temperature": st.floats(0, 2), "stop": st.lists(TEXT, max_size=2)}),
    seed=st.integers(-1, 2**32 - 1),
    prompt_tokens=COUNTS,
    completion_tokens=COUNTS,
    prompt_s=st.floats(0, 1e6),
    tokens_per_s=st.floats(0, 1e6),
)


@st.composite
def chats(draw: st.DrawFn) -> PortableChat:
    """Parents before children, siblings numbered in a row, any branch shown."""
    count = draw(st.integers(0, 12))
    messages: list[Message] = []
    born: dict[str | None, int] = {}
    for number in range(count):
        above = draw(st.integers(-1, number - 1))
        parent = None if above < 0 else f"m{above}"
        born[parent] = born.get(parent, -1) + 1
        messages.append(
            Message(
                id=f"m{number}",
                conversation_id="chat",
                parent_id=parent,
                role=draw(st.sampled_from(Role)),
                parts=draw(PARTS),
                status=draw(st.sampled_from([status for status in Status if status is not Status.STREAMING])),
                created_at=draw(TIMES),
                position=born[parent],
                origin=draw(st.none() | ORIGINS),
                error=draw(TEXT),
                rating=draw(st.sampled_from(Rating)),
                comment=draw(TEXT),
                context=draw(st.sampled_from(InContext)),
            )
        )
    head = Conversation(
        id="chat",
        title=" ".join(draw(st.text(st.characters(categories=["L", "N"]), max_size=40)).split()),
        created_at=draw(TIMES),
        updated_at=draw(TIMES),
        leaf_id=draw(st.sampled_from([message.id for message in messages])) if messages else None,
        preset_id=draw(TEXT),
        system_prompt=draw(st.none() | TEXT),
        overrides=draw(
            st.fixed_dictionaries({}, optional={"top_k": st.integers(0, 100), "seed": st.just(7)})
        ),
        draft=draw(TEXT),
        draft_attachments=draw(ATTACHMENTS),
        pinned=draw(st.booleans()),
    )
    folder = draw(st.lists(st.sampled_from(["Work", "Ümläut", "a/b"]), max_size=3))
    return PortableChat(head, tuple(messages), tuple(folder))
