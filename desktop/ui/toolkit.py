"""What every part of the window is handed: the services, and what all parts draw and act with."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.services.assembly import Services
from desktop.services.tasks import Tasks
from desktop.ui.actions import Actions
from desktop.ui.icons import Icons
from desktop.ui.theme import Theme


@dataclass(frozen=True, slots=True)
class Toolkit:
    """One for a window. ``tasks`` owns what its slots start."""

    services: Services
    tasks: Tasks
    theme: Theme
    icons: Icons
    actions: Actions
