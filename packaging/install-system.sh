#!/usr/bin/env bash
# Finds out which system packages the app (or its tests, with --tests) still needs, and installs them where that is
# allowed. Only Debian-like systems are known; others are told what is missing. Quick when nothing is: no package
# manager runs, so `make run` can call it every time.
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(uname -s)" = Linux ] || exit 0

# Shared library -> package. What Qt's X11 and Wayland plugins link to and its wheel does not bring along.
libraries='
libEGL.so.1              libegl1
libGL.so.1               libgl1
libX11-xcb.so.1          libx11-xcb1
libdbus-1.so.3           libdbus-1-3
libfontconfig.so.1       libfontconfig1
libfreetype.so.6         libfreetype6
libglib-2.0.so.0         libglib2.0-0
libwayland-client.so.0   libwayland-client0
libwayland-cursor.so.0   libwayland-cursor0
libwayland-egl.so.1      libwayland-egl1
libxcb-cursor.so.0       libxcb-cursor0
libxcb-glx.so.0          libxcb-glx0
libxcb-icccm.so.4        libxcb-icccm4
libxcb-image.so.0        libxcb-image0
libxcb-keysyms.so.1      libxcb-keysyms1
libxcb-randr.so.0        libxcb-randr0
libxcb-render.so.0       libxcb-render0
libxcb-render-util.so.0  libxcb-render-util0
libxcb-shape.so.0        libxcb-shape0
libxcb-shm.so.0          libxcb-shm0
libxcb-sync.so.1         libxcb-sync1
libxcb-xfixes.so.0       libxcb-xfixes0
libxcb-xkb.so.1          libxcb-xkb1
libxkbcommon.so.0        libxkbcommon0
libxkbcommon-x11.so.0    libxkbcommon-x11-0
'
# Command -> package. Only the tests, the screenshots and the benchmarks need these: a screen without a monitor, a
# window manager, hands, and the bus that a screen reader listens on.
commands='
Xvfb                            xvfb
dbus-daemon                     dbus-daemon
import                          imagemagick
openbox                         openbox
setpriv                         util-linux
wmctrl                          wmctrl
xdotool                         xdotool
xprop                           x11-utils
/usr/libexec/at-spi2-registryd  at-spi2-core
'

missing=()

known=$( (/sbin/ldconfig -p || ldconfig -p) 2>/dev/null || true)
while read -r library package; do
    [ -n "$library" ] || continue
    case "$known" in *"$library "*) ;; *) missing+=("$package") ;; esac
done <<<"$libraries"

if ! find -L /usr/share/fonts /usr/local/share/fonts "$HOME/.local/share/fonts" "$HOME/.fonts" \
    \( -name '*.ttf' -o -name '*.otf' -o -name '*.ttc' \) -print -quit 2>/dev/null | grep -q .; then
    missing+=(fonts-dejavu-core)
fi

# llama.cpp is compiled once, when its Python package is installed; afterwards no compiler is wanted.
if ! compgen -G '.venv/lib/python3*/site-packages/llama_cpp' >/dev/null; then
    command -v "${CXX:-c++}" >/dev/null || command -v g++ >/dev/null || missing+=(g++)
fi

# Debian keeps the part of Python that makes virtual environments in a package of its own.
if [ ! -x .venv/bin/python ]; then
    python=$(packaging/find-python.sh)
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        case "$(readlink -f "$(command -v "$python")")" in
            /usr/bin/python3.*) missing+=("$(basename "$(readlink -f "$(command -v "$python")")")-venv") ;;
            *) missing+=(python3-venv) ;;
        esac
    fi
fi

if [ "${1:-}" = --tests ]; then
    while read -r command package; do
        [ -n "$command" ] || continue
        command -v "$command" >/dev/null || missing+=("$package")
    done <<<"$commands"
    # The spell-checker, which the app takes where it is there.
    case "$known" in *"libenchant-2.so.2 "*) ;; *) missing+=(libenchant-2-2 hunspell-en-us) ;; esac
fi

[ ${#missing[@]} -gt 0 ] || exit 0

echo "Missing on this system: ${missing[*]}"

if ! command -v apt-get >/dev/null; then
    echo "Please install what corresponds to them (the names are Debian's). Going on without."
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root=(sudo -n)
    else
        echo "Installing them needs an administrator. Please run this, then the same make command again:"
        echo
        echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
        echo
        exit 1
    fi
fi

echo "Installing them with apt-get …"
# Package lists may be stale or absent; a mirror that does not answer is no reason to stop if they are good enough.
"${as_root[@]}" apt-get update -qq || true
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends -o DPkg::Lock::Timeout=120 "${missing[@]}"
