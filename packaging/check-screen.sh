#!/usr/bin/env bash
# Says in plain words that there is no screen, where Qt would abort with a page of text.
set -euo pipefail

[ "$(uname -s)" = Linux ] || exit 0
[ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ] || exit 0

cat >&2 <<'TEXT'
Locution is installed, but there is no screen to open its window on (DISPLAY and WAYLAND_DISPLAY are not set).

  On a machine with a desktop, run `make run` in a terminal of that desktop.
  To open the window on a virtual screen:      xvfb-run -a make run     (Debian package: xvfb)
  To use the model without a window:           .venv/bin/python -m desktop chat "Hello"
TEXT
exit 1
