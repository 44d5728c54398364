"""What leaves the worker when it is more than a message holds."""

import io
from dataclasses import replace

from desktop.domain.instruments import Embeddings
from desktop.engine import framing, protocol
from desktop.engine.worker.reports import Outbox, Stream

WIDE = Embeddings(((0.5,) * 4096,), (3,), "mean", normalized=True)


def said(embeddings: Embeddings) -> tuple[protocol.Report, ...]:
    written = io.BytesIO()
    stream = Stream(7, Outbox(written))
    stream.take(embeddings)
    assert stream.ended
    bodies = framing.FrameReader().feed(written.getvalue())
    return tuple(framing.decode_report(body) for body in bodies)


def test_a_result_that_no_message_holds_is_an_error_in_words() -> None:
    (report,) = said(replace(WIDE, vectors=WIDE.vectors * 2000, tokens=(3,) * 2000))

    assert isinstance(report, protocol.Failure)
    assert (report.id, str(report.error())) == (
        *(7, "The result is too large to be handed over. Ask for less at a time."),
    )


def test_a_result_that_fits_arrives_whole() -> None:
    assert said(WIDE) == (protocol.Embedded(7, WIDE),)
