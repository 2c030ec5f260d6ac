#!/usr/bin/env bash
# Gets the MicroPython source tree that the board is built from, and prints its path on stdout.
#
#   fetch_micropython.sh DEST
#
# MICROPYTHON_DIR set: that unpacked tree is checked and used as it is, DEST is not touched.
# Otherwise Debian's source package is unpacked into DEST with Debian's patches applied; when DEST
# is already there, nothing is done and no network is used.
set -euo pipefail

readonly SUITE=trixie
readonly OLDEST="1.25"
readonly STAMP=.debian-source-version
readonly ARCHIVE_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf 'fetch_micropython: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

tree_version() {  # TREE -> "1.25.0"; fails when TREE is no MicroPython tree
    local header="$1/py/mpconfig.h"
    [ -f "$header" ] && [ -f "$1/ports/qemu/Makefile" ] || return 1
    awk '/^#define MICROPY_VERSION_MAJOR / { major = $3 }
         /^#define MICROPY_VERSION_MINOR / { minor = $3 }
         /^#define MICROPY_VERSION_MICRO / { micro = $3 }
         END { if (major == "") exit 1; printf "%s.%s.%s\n", major, minor, micro }' "$header"
}

check_tree() {  # TREE
    local version
    version=$(tree_version "$1") || die "$1 is not a MicroPython source tree (py/mpconfig.h and ports/qemu are wanted)"
    [ "$(printf '%s\n%s\n' "$OLDEST" "$version" | sort -V | head -n 1)" = "$OLDEST" ] ||
        die "$1 is MicroPython $version; $OLDEST or later is needed"
    printf '%s\n' "$version"
}

# The archive addresses this machine already trusts, its own release first. apt reads both of its
# configuration formats itself; this only asks it what it would fetch.
debian_archives() {
    local own
    own=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-stable}")
    apt-get --print-uris update |
        sed -nE "s,^'(.*)/dists/([a-z]+)/(In)?Release'.*,\2 \1,p" |
        awk -v own="$own" '{ print ($1 == own ? 0 : 1), $2 }' | sort -s -k1,1n | awk '!seen[$2]++ { print $2 }'
}

# An apt state of its own: the machine's sources, lists and cache stay as they are. The archive's
# signature is checked against Debian's own keys, whatever else the machine trusts. apt must not
# drop to its own user, who may not be let into DEST.
write_apt_state() {  # STATE ARCHIVE
    mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
    cat >"$1/debian.sources" <<END
Types: deb-src
URIs: $2
Suites: $SUITE
Components: main
Signed-By: $ARCHIVE_KEYS
END
    cat >"$1/apt.conf" <<END
Dir::Etc::SourceList "$1/debian.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$1/lists";
Dir::Cache "$1/cache";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "root";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
}

download() {  # WORK: leaves the signed-for .dsc and its tarballs in WORK/package
    local state="$1/apt" archive
    mkdir -p "$1/package"
    for archive in $(debian_archives); do
        rm -rf "$state"
        write_apt_state "$state" "$archive"
        if apt-get -c "$state/apt.conf" -qq update &&
            (cd "$1/package" && apt-get -c "$state/apt.conf" -qq --download-only source micropython); then
            return 0
        fi
    done
    return 1
}

main() {
    local dest version
    if [ -n "${MICROPYTHON_DIR:-}" ]; then
        version=$(check_tree "$MICROPYTHON_DIR")
        say "using MicroPython $version from MICROPYTHON_DIR"
        (cd "$MICROPYTHON_DIR" && pwd)
        return
    fi
    [ $# -eq 1 ] || die "usage: fetch_micropython.sh DEST"
    dest=$1
    if [ -f "$dest/$STAMP" ]; then
        check_tree "$dest" >/dev/null
        (cd "$dest" && pwd)
        return
    fi
    [ ! -e "$dest" ] || die "$dest exists and was not made by this script; move it away or set MICROPYTHON_DIR"
    command -v apt-get >/dev/null && command -v dpkg-source >/dev/null ||
        die "needs apt-get and dpkg-source (package dpkg-dev); without them set MICROPYTHON_DIR to an unpacked MicroPython tree, $OLDEST or later"
    [ -r "$ARCHIVE_KEYS" ] || die "Debian's archive keys are missing (package debian-archive-keyring)"

    mkdir -p "$(dirname "$dest")"
    work=$(mktemp -d "$(cd "$(dirname "$dest")" && pwd)/.micropython.XXXXXX")  # beside DEST, for the rename
    trap 'rm -rf "$work"' EXIT
    say "fetching Debian's micropython source package ($SUITE)"
    download "$work" >&2 || die "could not fetch the source package (see above); or set MICROPYTHON_DIR to an unpacked tree"
    # apt has checked these files against the signed index. --no-check is about the maintainer's own signature.
    dpkg-source --no-check -x "$work"/package/micropython_*.dsc "$work/tree" >"$work/unpack.log" 2>&1 ||
        { cat "$work/unpack.log" >&2; die "unpacking failed"; }
    check_tree "$work/tree" >/dev/null
    awk '/^Version:/ { print $2; exit }' "$work"/package/micropython_*.dsc >"$work/tree/$STAMP"
    # A rename, so DEST is whole or absent; a second run of this script at the same time may win.
    mv -T "$work/tree" "$dest" 2>/dev/null || [ -f "$dest/$STAMP" ] || die "cannot move the tree to $dest"
    say "MicroPython $(cat "$dest/$STAMP") is in $dest"
    (cd "$dest" && pwd)
}

main "$@"
