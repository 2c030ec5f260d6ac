from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from host.link import LinkError, Port, open_port


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def pair(listener: socket.socket) -> Iterator[tuple[Port, socket.socket]]:
    """A port, and the far end of it."""
    port = open_port(_url(listener))
    far, _ = listener.accept()
    with far:
        yield port, far
    port.close()


def _url(listener: socket.socket) -> str:
    return f"socket://127.0.0.1:{listener.getsockname()[1]}"


def test_bytes_pass_both_ways(pair: tuple[Port, socket.socket]) -> None:
    port, far = pair
    port.write(b"down")
    assert far.recv(10) == b"down"
    far.sendall(b"up")
    assert port.read() == b"up"


def test_a_quiet_port_reads_nothing_and_does_not_wait_for_ever(pair: tuple[Port, socket.socket]) -> None:
    assert pair[0].read() == b""


def test_a_port_whose_far_end_goes_away_is_an_error(pair: tuple[Port, socket.socket]) -> None:
    port, far = pair
    far.close()
    with pytest.raises(LinkError, match="is gone"):
        port.read()


def test_a_port_may_be_closed_twice_and_is_gone_then(pair: tuple[Port, socket.socket]) -> None:
    port, _ = pair
    port.close()
    port.close()
    with pytest.raises(LinkError, match="is gone"):
        port.read()
    with pytest.raises(LinkError, match="is gone"):
        port.write(b"x")


def test_where_nobody_listens_the_emulator_is_suggested(listener: socket.socket) -> None:
    url = _url(listener)
    listener.close()
    with pytest.raises(LinkError, match=r"nobody listens there; start `host emulate`"):
        open_port(url)


def test_a_device_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match="no such device; plug the board in"):
        open_port(str(tmp_path / "ttyUSB0"))


@pytest.mark.parametrize("url", ["socket://127.0.0.1", "socket://", "socket://host:0", "socket://h:port", "what://x"])
def test_a_url_that_is_none_says_what_the_form_is(url: str) -> None:
    with pytest.raises(LinkError, match=r"socket://HOST:PORT"):
        open_port(url)


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.EACCES, "dialout"), (errno.EBUSY, "in use by another program"), (errno.EAGAIN, "in use")],
)
def test_a_device_that_may_not_be_opened_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise serial.SerialException(number, "could not open port")

    monkeypatch.setattr(serial, "serial_for_url", refuse)
    with pytest.raises(LinkError, match=advice):
        open_port("/dev/ttyACM0")


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_device_has_one_program_at_a_time() -> None:
    far, near = os.openpty()
    port = open_port(os.ttyname(near))
    with pytest.raises(LinkError, match="in use by another program"):
        open_port(port.name)
    port.write(b"down")
    assert os.read(far, 10) == b"down"
    port.close()
    os.close(near)
    os.close(far)


def test_a_serial_port_reads_all_that_waits() -> None:
    port = open_port("loop://")
    port.write(b"all of it")
    assert port.read() == b"all of it"
    assert port.read() == b""
    port.close()
    with pytest.raises(LinkError, match="is gone"):
        port.read()
