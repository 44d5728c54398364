"""The engine's life as one explicit machine. The bridge moves it; services publish it; views draw it.

          load                    loaded                 generate
Unloaded ◄────► Loading(fraction) ──────► Ready(model) ◄──────────► Busy(model, running)
   ▲ ▲  given up    │    ▲                   │  │        all done      │   │
   │ │         load │    │ load, also by     │  │ process ended        │   │
   │ │       failed ▼    │ the next prompt   │  │                      │   │
   │ └─────────── Failed(error) ◄────────────┼──┴──────────────────────┘   │
   │   unload                                │                             │
   └─────────────────────────────────────────┴─────────────────────────────┘
                                               unload, also to load another model
"""

from __future__ import annotations

from dataclasses import dataclass

from desktop.domain.errors import LocutionError
from desktop.domain.model import LoadedModel


@dataclass(frozen=True, slots=True)
class Unloaded:
    """No model; no process need be alive."""


@dataclass(frozen=True, slots=True)
class Loading:
    """``fraction`` of the file that has been read, 0 to 1."""

    path: str
    fraction: float = 0.0


@dataclass(frozen=True, slots=True)
class Ready:
    """Loaded and idle."""

    model: LoadedModel


@dataclass(frozen=True, slots=True)
class Busy:
    """At least one request is running."""

    model: LoadedModel
    running: int


@dataclass(frozen=True, slots=True)
class Failed:
    """Loading failed or the process ended; ``error`` says it in words. A new load may be tried."""

    error: LocutionError
    path: str


EngineState = Unloaded | Loading | Ready | Busy | Failed
