"""Keys on the host, and a car that was paired."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from host.emulate import Emulator
from host.link import Link, LinkError, NotPairedError, connect, open_port
from host.link.hello import CarOffer
from host.link.keys import KeyFileError, KeyStore, new_key
from host.link.pair import AlreadyPairedError, pair
from protocol.contract import Contract
from protocol.session import Session

BOARD = b"\x01\x02\x03"


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys")


def test_a_key_is_kept_for_its_user_alone(keys: KeyStore) -> None:
    key = new_key()
    path = keys.save(BOARD, key)
    assert keys.key_of(BOARD) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert keys.key_of(b"another") is None
    keys.forget(BOARD)
    assert keys.key_of(BOARD) is None


def test_a_key_that_others_may_read_is_refused_with_the_cure(keys: KeyStore) -> None:
    path = keys.save(BOARD, new_key())
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match=r"others may read this key; run: chmod 600"):
        keys.key_of(BOARD)


@pytest.mark.parametrize("text", ["", "zz", "00" * 31, "00" * 33])
def test_a_file_that_is_no_key_is_refused(keys: KeyStore, text: str) -> None:
    keys.save(BOARD, new_key()).write_text(text)
    with pytest.raises(KeyFileError, match="not a key"):
        keys.key_of(BOARD)


def test_a_folder_that_cannot_be_written_pairs_nothing(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file in the way")
    with pytest.raises(KeyFileError, match="nothing was paired"):
        KeyStore(tmp_path / "keys").save(BOARD, new_key())


class LinkThatFallsSilent:
    """As much of a Link as `pair` uses. A stand-in: the board takes the key, and is not heard any more."""

    def __init__(self) -> None:
        self.offer = CarOffer(Session(1, 0, 1), 0, 1024, 0, BOARD)
        self._greeted = 0

    def hello(self) -> None:
        self._greeted += 1
        if self._greeted > 1:
            raise LinkError("no answer")

    def submit_message(self, name: str, message: bytes) -> None:
        return None

    def wait(self, pending: None) -> None:
        raise LinkError("no reply")


def test_a_key_that_the_board_may_have_is_kept(keys: KeyStore) -> None:
    with pytest.raises(LinkError, match=r"not known .* kept in"):
        pair(LinkThatFallsSilent(), keys)  # type: ignore[arg-type]
    assert keys.key_of(BOARD) is not None


@pytest.fixture
def fresh_car(application: Path) -> Emulator:
    return Emulator(application)


def run(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "host", *words], capture_output=True, text=True, check=False, timeout=60,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")},
    )


@pytest.mark.emulator
def test_a_car_that_was_paired_obeys_only_who_has_its_key(
    fresh_car: Emulator, keys: KeyStore, contract: Contract, tmp_path: Path
) -> None:
    with fresh_car as car:
        with connect(car.link_url, contract, key_of=keys.key_of) as link:
            path = pair(link, keys)
            assert link.send("ping", {"token": 5}).values["token"] == 5
            board = link.offer.board if link.offer else b""
            assert path == keys.path(board)
            with pytest.raises(AlreadyPairedError, match=r"pairing\.unpair\(\)"):
                pair(link, keys)
        with connect(car.link_url, contract) as stranger:
            with pytest.raises(NotPairedError, match="takes signed commands only"):
                stranger.send("drive", {"speed": 300})
            assert stranger.next_rows(5)  # telemetry is for everybody
        wrong = KeyStore(tmp_path / "wrong")
        wrong.save(board, new_key())
        forger = Link(open_port(car.link_url), contract, patience_s=0.5, key_of=wrong.key_of)
        with forger, pytest.raises(LinkError):
            forger.send("drive", {"speed": 300})
        with connect(car.link_url, contract, key_of=keys.key_of) as link:
            link.send("reboot")
            link.hello(20)
            assert link.send("ping", {"token": 6}).values["token"] == 6
            assert link.offer is not None
            assert link.offer.session.boot >= 2
            link.halt()
            assert link.send("counters").values["halts"] == 1


@pytest.mark.emulator
def test_host_pair_as_a_user_does_it(fresh_car: Emulator, tmp_path: Path) -> None:
    with fresh_car as car:
        port = ("--port", car.link_url)
        done = run("pair", *port, home=tmp_path)
        assert done.returncode == 0, done.stderr
        (key_file,) = (tmp_path / ".config" / "patrol-car" / "keys").iterdir()
        assert str(key_file) in done.stdout
        assert key_file.read_text().strip() not in done.stdout + done.stderr
        assert run("send", *port, "ping", home=tmp_path).returncode == 0
        again = run("pair", *port, home=tmp_path)
        assert again.returncode == 1
        assert "has a key already" in again.stderr
        stranger = run("send", *port, "ping", home=tmp_path / "elsewhere")
        assert stranger.returncode == 1
        assert "takes signed commands only" in stranger.stderr
        assert stranger.stderr.count("\n") == 1
