"""The board in Renode, which has its pins too. What is loaded, and how: renode/patrol_car.resc."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from host.emulate.application import ROOT
from host.emulate.boot import BootWatch
from host.emulate.errors import BootError, EmulatorError, ImageMissingError, PortTakenError, ToolMissingError
from host.emulate.process import dying_with_parent, end, has_ended
from host.emulate.qemu import default_image

RENODE = "renode"
SCRIPT = ROOT / "renode" / "patrol_car.resc"
PLATFORM = ROOT / "renode" / "patrol_car.repl"

_HOST = "127.0.0.1"
_STOP_S = 5.0
_RETRY_S = 0.1
_WHERE_TO_GET_IT = "get 1.16.1 or later at https://github.com/renode/renode/releases and put it on the PATH"


class RenodeEmulator:
    """The emulated board on Renode as a context manager, with ports as in `Emulator`.

    Renode itself takes some seconds to start; `boot_timeout_s` counts from then on.
    """

    def __init__(
        self,
        application: Path,
        *,
        image: Path | None = None,
        link_port: int = 0,
        repl_port: int = 0,
        sensors_port: int = 0,
        start_timeout_s: float = 60.0,
        boot_timeout_s: float = 30.0,
    ) -> None:
        self.application = application
        self.image = image or default_image()
        self.start_timeout_s = start_timeout_s
        self.boot_timeout_s = boot_timeout_s
        self.boot_output = ""
        self.repl_url = self.link_url = self.sensors_url = ""
        self._ports = {"repl": repl_port, "link": link_port, "sensors": sensors_port}
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

    def start(self) -> None:
        """Start Renode and return once the board is up. Raises EmulatorError."""
        if self._process is not None:
            raise EmulatorError("the emulator runs already; stop it first")
        self._check_files()
        ports = _free_ports(self._ports)
        urls = (f"socket://{_HOST}:{port}" for port in ports.values())
        self.repl_url, self.link_url, self.sensors_url = urls
        try:
            self._launch(ports)
            with ExitStack() as sockets:
                # Renode keeps what the board says until somebody connects: all of the boot is heard.
                deadline = time.monotonic() + self.start_timeout_s
                console = sockets.enter_context(self._connected(ports["repl"], deadline))
                link = sockets.enter_context(self._connected(ports["link"], deadline))
                watch = BootWatch(console, link, None)
                watch.wait(self.boot_timeout_s)
            self.boot_output = watch.text
        except (BootError, OSError) as error:
            failure = self._failure(error)
            self.stop()
            raise failure from None
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End Renode: politely, then by force. Does nothing when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            end(process, _STOP_S)
            if process.stdin is not None:
                process.stdin.close()
        if self._output is not None:
            self._output.close()
            self._output = None

    def wait(self, timeout_s: float | None = None) -> bool:
        """Whether Renode ended by itself within the time; None waits for ever."""
        return has_ended(self._process, timeout_s)

    def instructions(self, ticks: int) -> int:
        """Never known: the board's counter counts time there."""
        raise EmulatorError("Renode does not count instructions by the board's counter; measure on QEMU")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _check_files(self) -> None:
        if shutil.which(RENODE) is None:
            raise ToolMissingError(f"{RENODE} is not installed; {_WHERE_TO_GET_IT}")
        if not self.image.is_file():
            raise ImageMissingError(f"{self.image}: the board's image is not there; run `make firmware`")
        if not self.application.is_file():
            raise ImageMissingError(f"{self.application}: no such application; build it first")

    def _launch(self, ports: dict[str, int]) -> None:
        # A file, not a pipe: nobody reads along, and a full pipe would stop Renode.
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  closed in stop()
        options = ["--disable-xwt", "--console", "--plain", "-e", self._commands(ports)]
        self._process = subprocess.Popen(
            [*dying_with_parent(), RENODE, *options],
            stdin=subprocess.PIPE,  # its monitor reads commands there, and ends with it
            stdout=self._output,
            stderr=self._output,
            start_new_session=True,  # Ctrl-C is for us; we then stop Renode in order
        )

    def _commands(self, ports: dict[str, int]) -> str:
        files = {"platform": PLATFORM, "image": self.image, "application": self.application}
        commands = [f"${name}={_file(path)}" for name, path in files.items()]
        commands += [f"${name}_port={port}" for name, port in ports.items()]
        return "; ".join([*commands, f"include {_file(SCRIPT)}", "start"])

    def _connected(self, port: int, deadline: float) -> socket.socket:
        """A connection to one of Renode's terminals, which are there once its script has run."""
        while True:
            try:
                connection = socket.create_connection((_HOST, port))
            except OSError:
                if self.wait(_RETRY_S) or time.monotonic() >= deadline:
                    raise
            else:
                return connection

    def _failure(self, error: Exception) -> EmulatorError:
        """The board's own failure, unless Renode never got so far: then what Renode said."""
        ended = self.wait(0.2)
        if isinstance(error, BootError) and not ended:
            return error
        said = "nothing"
        if self._output is not None:
            self._output.seek(0)
            lines = self._output.read().decode("utf-8", "replace").split("\n")
            said = next((line.strip() for line in reversed(lines) if line.strip()), said)
        what = "ended" if ended else f"was not ready within {self.start_timeout_s:g} s"
        return BootError(f"{RENODE} {what}; check that it is 1.16.1 or later. It said: {said}")


def _free_ports(wanted: dict[str, int]) -> dict[str, int]:
    """The ports, 0 replaced by free ones. Renode opens them itself, so they are only looked at here."""
    with ExitStack() as sockets:
        found = {}
        for name, port in wanted.items():
            listener = sockets.enter_context(socket.socket())
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((_HOST, port))
            except (OSError, OverflowError) as error:
                raise PortTakenError(
                    f"TCP port {port} cannot be had ({error}); leave --{name}-port out for a free one"
                ) from None
            found[name] = listener.getsockname()[1]
        return found


def _file(path: Path) -> str:
    """A path for Renode's monitor, in which a blank ends a word."""
    return "@" + path.resolve().as_posix().replace(" ", "\\ ")
