"""The board in QEMU: three serial ports as TCP servers, an application beside the image, a known clock."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from host.emulate.application import ROOT
from host.emulate.boot import BootWatch
from host.emulate.errors import BootError, EmulatorError, ImageMissingError, ToolMissingError
from host.emulate.pins import Pins
from host.emulate.process import dying_with_parent, end, has_ended
from host.emulate.tcp import listen, url_of

QEMU = "qemu-system-arm"
MACHINE = "netduinoplus2"
_STOP_S = 5.0

STORE_BYTES = 512 * 1024
"""Size of a new store, about what is left of the chip's flash beside MicroPython."""
_STORE_BLOCK_BYTES = 4096

# As in firmware_mpy/board/F405/semihosting.h and .c: what tells the board that files of the host can be had.
_WORD_ADDRESS = 0x2001_FFF0
_HEAP_ADDRESS = 0x2001_FFF4
_MAGIC = 0x5041_5400
_HAS_STORE = 1
_HAS_WORLD = 2 | 4
"""The world, and the link in it."""
_HAS_HEAP = 8


def default_image() -> Path:
    """The board's MicroPython: what PATROL_FIRMWARE names, else what `make firmware` builds."""
    return Path(os.environ.get("PATROL_FIRMWARE") or ROOT / "build" / "board" / "firmware.elf")


class Emulator:
    """The emulated board as a context manager; one that is left is stopped, whatever happened.

    `application` is what `build_application` wrote. Ports of 0 are free ones. With `icount_shift` n, an
    instruction takes 2**n virtual nanoseconds (3 is near the real chip) and counts repeat exactly; None
    leaves the clock to the host. `sleep` keeps an idle board's time near the host's; without it an idle
    board skips ahead, and its time-outs come early. `align` holds a busy board back to the host's time, too.

    With a `store`, a file that is made if it is not there, the board's file system is in it and outlives the
    emulator; without, it is in RAM and has 12 KiB.

    `heap_bytes` cuts MicroPython's heap to what another board has; `link_uart` has the link at another UART,
    as the application for that board wants it.

    With `in_world`, the board's sensors, motors and link are in `pins`, where somebody has to answer it, and
    its time goes on from answer to answer. `start` then returns at once, and `console` is connected to the
    REPL from before the boot; somebody has to read it, or to leave it.

    Without an application the board runs what is in its file system, if anything.

    The board is up when it answers HELLO on the link or, for a program that does not, when its console has
    said `ready_when`. `boot_output` then holds all that the console said until then.
    """

    def __init__(
        self,
        application: Path | None = None,
        *,
        image: Path | None = None,
        link_port: int = 0,
        repl_port: int = 0,
        sensors_port: int = 0,
        icount_shift: int | None = 3,
        sleep: bool = True,
        align: bool = False,
        store: Path | None = None,
        in_world: bool = False,
        heap_bytes: int | None = None,
        link_uart: int = 2,
        ready_when: bytes | None = None,
        boot_timeout_s: float = 30.0,
    ) -> None:
        self.application = application
        self.image = image or default_image()
        self.icount_shift = icount_shift
        self.sleep = sleep
        self.align = align
        self.store = store
        self.in_world = in_world
        self.heap_bytes = heap_bytes
        self.link_uart = link_uart
        self.pins: Pins | None = None
        self.console: socket.socket | None = None
        self.ready_when = ready_when
        self.boot_timeout_s = boot_timeout_s
        self.boot_output = ""
        self.repl_url = self.link_url = self.sensors_url = ""
        self._ports = {"repl": repl_port, "link": link_port, "sensors": sensors_port}
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        """Where QEMU runs: what the board opens by semihosting is in there."""

    def start(self) -> None:
        """Start QEMU and return once the board is up. Raises EmulatorError."""
        if self._process is not None:
            raise EmulatorError("the emulator runs already; stop it first")
        self._check_files()
        self._make_folder()
        with ExitStack() as sockets:
            listeners = {}
            for name, port in self._ports.items():
                listeners[name] = sockets.enter_context(listen(name, port))
            self.repl_url, self.link_url, self.sensors_url = map(url_of, listeners.values())
            # Connected before QEMU starts, so that not a byte of the boot is missed.
            console = sockets.enter_context(socket.create_connection(listeners["repl"].getsockname()))
            link = None
            if self.ready_when is None and not self.in_world:
                link = sockets.enter_context(socket.create_connection(listeners["link"].getsockname()))
            self._launch(listeners)
            for listener in listeners.values():
                listener.close()
            if not self.in_world:
                self._await_boot(BootWatch(console, link, self.ready_when, bare=self.application is None))
            else:
                self.console = console.dup()

    def leave_console(self) -> None:
        """Give up the connection to the REPL, so that somebody else can have it."""
        if self.console is not None:
            self.console.close()
            self.console = None

    def stop(self) -> None:
        """End QEMU: politely, then by force. Does nothing when it does not run."""
        process, self._process = self._process, None
        if self.pins is not None:  # before the end: a board that waits for an answer hears no signal
            self.pins.close()
            self.pins = None
        if process is not None:
            end(process, _STOP_S)
        self.leave_console()
        if self._stderr is not None:
            self._stderr.close()
            self._stderr = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def wait(self, timeout_s: float | None = None) -> bool:
        """Whether QEMU ended by itself within the time; None waits for ever."""
        return has_ended(self._process, timeout_s)

    def instructions(self, ticks: int) -> int:
        """Instructions in so many ticks of the board's counter, which counts virtual nanoseconds."""
        if self.icount_shift is None:
            raise EmulatorError("instructions are not counted; start the emulator with icount_shift")
        return ticks >> self.icount_shift

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _check_files(self) -> None:
        if shutil.which(QEMU) is None:
            raise ToolMissingError(f"{QEMU} is not installed; run `make setup`")
        if not self.image.is_file():
            raise ImageMissingError(f"{self.image}: the board's image is not there; run `make firmware`")
        if self.application is not None and not self.application.is_file():
            raise ImageMissingError(f"{self.application}: no such application; build it first")

    def _make_folder(self) -> None:
        """The store under the name that the board knows it by, made if it is new."""
        self._folder = tempfile.TemporaryDirectory(prefix="patrol-")
        if self.in_world:
            self.pins = Pins(Path(self._folder.name))
        if self.store is None:
            return
        try:
            if not self.store.exists():
                self.store.write_bytes(bytes(STORE_BYTES))
            with self.store.open("r+b"):
                pass
        except OSError as error:
            raise EmulatorError(
                f"{self.store}: cannot be the board's store ({error.strerror}); name another file"
            ) from None
        if self.store.stat().st_size % _STORE_BLOCK_BYTES or not self.store.stat().st_size:
            raise EmulatorError(
                f"{self.store}: no store ({self.store.stat().st_size} bytes); name another file, or remove it"
            )
        (Path(self._folder.name) / "store").symlink_to(self.store.resolve())

    def _launch(self, listeners: dict[str, socket.socket]) -> None:
        # A file, not a pipe: nobody reads along, and a full pipe would stop QEMU.
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  closed in stop()
        self._process = subprocess.Popen(
            self._command(listeners),
            stdin=subprocess.DEVNULL,
            stdout=self._stderr,
            stderr=self._stderr,
            pass_fds=[listener.fileno() for listener in listeners.values()],
            cwd=self._folder.name if self._folder else None,
            start_new_session=True,  # Ctrl-C is for us; we then stop QEMU in order
        )

    def _command(self, listeners: dict[str, socket.socket]) -> list[str]:
        command = [*dying_with_parent(), QEMU, "-M", MACHINE, "-display", "none", "-monitor", "none"]
        for name in self._names_of_uarts():
            if name is None:
                command += ["-serial", "null"]
                continue
            # The console's peer is waited for: it connected above, and must see the boot from its start.
            wait = "on" if name == "repl" else "off"
            # The board sends byte by byte: without nodelay, each frame would wait 40 ms for an ACK.
            chardev = f"socket,id={name},fd={listeners[name].fileno()},server=on,wait={wait},nodelay=on"
            command += ["-chardev", chardev, "-serial", f"chardev:{name}"]
        command += ["-kernel", str(self.image.resolve())]
        if self.application is not None:
            command += ["-device", f"loader,file={_escaped(self.application.resolve())}"]
        if self.store is not None or self.in_world or self.heap_bytes:
            word = _MAGIC | (_HAS_STORE if self.store else 0) | (_HAS_WORLD if self.in_world else 0)
            word |= _HAS_HEAP if self.heap_bytes else 0
            command += ["-semihosting-config", "enable=on,target=native"]
            command += ["-device", f"loader,addr={_WORD_ADDRESS:#x},data={word:#x},data-len=4"]
        if self.heap_bytes:
            command += ["-device", f"loader,addr={_HEAP_ADDRESS:#x},data={self.heap_bytes:#x},data-len=4"]
        if self.icount_shift is not None:
            switches = {"sleep": self.sleep, "align": self.align}
            states = ",".join(f"{name}={'on' if on else 'off'}" for name, on in switches.items())
            command += ["-icount", f"shift={self.icount_shift},{states}"]
        return command

    def _names_of_uarts(self) -> list[str | None]:
        """What is at the board's USARTs, from 1 on."""
        at = {1: "repl", self.link_uart: "link", (2 if self.link_uart == 3 else 3): "sensors"}
        return [at.get(number) for number in range(1, max(at) + 1)]

    def _await_boot(self, watch: BootWatch) -> None:
        try:
            watch.wait(self.boot_timeout_s)
        except (BootError, OSError) as error:
            failure = self._boot_failure(error)
            self.stop()
            raise failure from None
        except BaseException:
            self.stop()
            raise
        self.boot_output = watch.text

    def _boot_failure(self, error: Exception) -> EmulatorError:
        """The board's own failure, unless QEMU itself ended: then what QEMU said."""
        if isinstance(error, BootError) and not self.wait(0.2):
            return error
        if self._stderr is None:
            return EmulatorError(f"the emulator failed: {error}")
        self._stderr.seek(0)
        lines = self._stderr.read().decode("utf-8", "replace").splitlines()
        # The first line that is no notice says why; a dump of registers may follow.
        said = next((line for line in lines if ": info: " not in line), "nothing")
        return BootError(f"{QEMU} ended; check {self.image}, or run `make firmware`. It said: {said}")


def _escaped(path: Path) -> str:
    """A path inside a QEMU option, where a comma is written twice."""
    return str(path).replace(",", ",,")
