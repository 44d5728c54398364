"""What a request would come to, said without running it. On the prompts' thread."""

from __future__ import annotations

import numpy as np

from desktop.domain.generation import GenerationRequest
from desktop.domain.ledger import Foresight
from desktop.engine.worker.core import Between
from desktop.engine.worker.kv.keeper import Keeper
from desktop.engine.worker.prompts.fitting import Build, Fitter
from desktop.engine.worker.scheduling.scheduler import Scheduler


def foresee(
    request: GenerationRequest,
    build: Build,
    fitter: Fitter,
    scheduler: Scheduler,
    keeper: Keeper | None,
    between: Between,
) -> Foresight:
    """Raises what ``build`` and ``between`` do."""
    fitted = fitter.look(request, build, between)
    sent, reused = fitted.least, 0
    if fitted.prompt is not None:
        ids = np.array(fitted.prompt.ids, np.int32)
        sent = len(ids)
        kept = keeper.look(request, ids) if keeper is not None else None
        reused = scheduler.guess_reused(ids, kept, alone=request.is_reproducible)
    return Foresight(
        turn_tokens=fitted.turns,
        tokens_per_character=fitted.per_character,
        prompt_tokens=fitted.whole,
        sent_tokens=sent,
        reused_tokens=reused,
        cut=fitted.cut,
        overflows=fitted.prompt is None,
        reserve=max(0, min(fitter.reserve(request), fitter.length - sent)),
        context_length=fitter.length,
        is_estimate=fitted.is_estimate,
        prompt_tokens_per_s=scheduler.pace.reading,
        step_s=scheduler.pace.step,
    )
