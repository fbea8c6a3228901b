#!/bin/sh
# Makes .venv and installs what the locks name. Asks for nothing; instant when nothing has changed.
#
#   ./env.sh            what the shop needs to run
#   ./env.sh test       what its tests and checks need as well
#   ./env.sh browser    a Chromium and Chinese fonts for the browser tests, where apt-get can
#
#   PYTHON=/path/to/python3.12 ./env.sh     takes that Python for a new .venv
set -eu
cd "$(dirname "$0")"

say() { echo "env.sh: $*" >&2; }
stop() { say "$*"; exit 1; }

# Debian's package manager, as root or by a sudo that asks for nothing.
apt_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" = 0 ]; then root=; else root="sudo -n"; $root true 2>/dev/null || return 1; fi
    say "installing $* with apt-get"
    $root apt-get update -qq >&2 &&
        DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends "$@" \
            >/dev/null
}

# Without libatomic1 the Node inside Playwright dies on a minimal Debian. Other systems' browsers
# bring their fonts along, so there a browser on the PATH is enough.
has_browser() {
    command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
        command -v google-chrome >/dev/null 2>&1 ||
        [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] || return 1
    command -v dpkg-query >/dev/null 2>&1 || return 0
    dpkg-query -W fonts-noto-cjk libatomic1 >/dev/null 2>&1
}

# A lock is installed when .venv holds a stamp with the lock's checksum, file and all.
installed() { [ -x .venv/bin/python ] && [ "$(cat ".venv/$1.stamp" 2>/dev/null)" = "$(cksum "$1")" ]; }

# The test lock holds the run-time lock, version for version, so it is enough by itself.
case "${1:-}" in
    "") lock=requirements.txt ;;
    test) lock=requirements-test.txt ;;
    browser)
        packages="chromium fonts-noto-cjk libatomic1"
        # shellcheck disable=SC2086  # three packages, not one
        has_browser || apt_install $packages ||
            say "no browser: its tests are skipped; on Debian: apt-get install -y" \
                "--no-install-recommends $packages"
        exit 0
        ;;
    *) stop "it knows 'test', 'browser', or no argument" ;;
esac
if installed "$lock" && { [ "$lock" = requirements.txt ] || installed requirements.txt; }; then exit 0; fi

find_python() {
    for name in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 python3.14; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    return 1
}

# Writes down in .venv/installer which program made it and so installs into it.
make_venv() {
    if command -v uv >/dev/null 2>&1 && uv venv -q --clear --python "$python" .venv; then
        echo uv > .venv/installer
    elif "$python" -m venv --clear .venv >/dev/null 2>&1; then
        echo pip > .venv/installer
    elif "$python" -m pip --version >/dev/null 2>&1 &&
        "$python" -m venv --clear --without-pip .venv; then
        "$python" -c 'import sys; print(sys.executable)' > .venv/installer
    elif apt_install python3-venv && "$python" -m venv --clear .venv; then
        echo pip > .venv/installer
    else
        rm -rf .venv
        stop "Python's venv module is missing; on Debian: apt-get install python3-venv"
    fi
}

install() {
    say "installing $1"
    case "$(cat .venv/installer)" in
        uv) uv pip install -q --python .venv/bin/python --require-hashes -r "$1" ;;
        pip) .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$1" ;;
        *) "$(cat .venv/installer)" -m pip --python .venv/bin/python \
            install -q --disable-pip-version-check --require-hashes -r "$1" ;;
    esac || stop "could not install $1; the lines above say why (is the package index reachable?)"
    cksum "$1" > ".venv/$1.stamp"
}

# A .venv half made, or whose Python or installer is gone, is made anew. A newer lock is installed
# over an older one, so that a shop running from this .venv is not cut off.
if [ ! -f .venv/installer ] || ! .venv/bin/python -c '' 2>/dev/null ||
    { [ "$(cat .venv/installer)" = uv ] && ! command -v uv >/dev/null 2>&1; }; then
    python=$(find_python) ||
        stop "Python 3.11 or newer is needed (macOS brings 3.9: brew install python@3.13)"
    make_venv
fi
install "$lock"
[ "$lock" = requirements.txt ] || cksum requirements.txt > .venv/requirements.txt.stamp
