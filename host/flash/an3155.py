"""The ROM bootloader's protocol on a UART (ST, AN3155, USART protocol used in the STM32 bootloader).

8E1. A command is a byte and its complement; addresses and blocks carry an XOR of their bytes. What the
bootloader reads back to us carries none. It answers ACK or NACK and has no time-outs of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import xor
from typing import Protocol

from host.flash.chips import FLASH_SIZE_AT, SIGNATURE_AT, Identity, Sector
from host.flash.errors import NoBootloaderError, NoiseError, ProtectedError, RefusedError, SilenceError
from host.flash.identification import Identification

ACK, NACK, SYNC = 0x79, 0x1F, 0x7F
GET, GET_ID, READ, GO, WRITE, EXTENDED_ERASE = 0x00, 0x02, 0x11, 0x21, 0x31, 0x44
BLOCK_BYTES = 256
"""Most that one command reads or writes."""
BITS_PER_BYTE = 11
"""Start, eight, parity, stop."""

_ANSWER_S = 0.4
_QUIET_S = 0.03
"""Nothing for so long, beside what a block takes on the line, is silence."""
_ERASE_S = 8.0
"""For each sector: 128 KiB take 4 s at most (STM32F405 datasheet, table 40)."""
_SYNC_TRIES = 3
_DRAIN_READS = 16
"""Reads, each of a block or until silence, after which who still speaks is no bootloader: it owes a block
and its answers at most. A car that was not reset sends telemetry without end."""
_TO_BOOTLOADER = (
    "set BOOT0 high (BOOT1 low), reset the board, check that TX and RX are crossed and that this UART is one "
    "of the bootloader's, then try again"
)
_BAD_LINE = "reset the board with BOOT0 high, shorten the cable or take a lower --baud, and try again"
_PROBE = b"\xff\xf0"
"""Sent first. What waits for a block gets one of 256 bytes with a checksum that is wrong in four bits: were
it right, each pair of errors in the same bit on this line would be written."""
_MOST_ERASE_BYTES = 2 * 0xFFF0 + 3
_FILL_BYTES = 4096
"""At once: half as many noes come when all of them are too many, which are drained."""
_LOST = 2
"""Doubts about what it waits for; one is nothing."""
_SIGNATURE_TRIES = 3
_NOTHING = b"\xff"
"""What is sent to bring a bootloader that lost its place back to its commands. In a block it is what flash
holds already; as a number of sectors it is all of them, but then its checksum would have to be 0."""


class Wire(Protocol):
    """A serial port, as pyserial has it."""

    def read(self, size: int) -> bytes:
        """So many bytes, or fewer when the time-out is over."""

    def write(self, data: bytes) -> int | None:
        """Send."""

    def reset_input_buffer(self) -> None:
        """Forget what came."""

    timeout: float | None


def _with_checksum(data: bytes) -> bytes:
    return data + bytes([reduce(xor, data)])


class UartBootloader:
    """One bootloader at the other end. Methods raise RefusedError for NACK, NoiseError for anything else."""

    block_bytes = BLOCK_BYTES
    patience = 32
    """Of the shortest blocks, one in four fails where a byte in a hundred is hit each way."""

    def __init__(self, wire: Wire, baud: int = 115_200) -> None:
        self._wire = wire
        self._block_s = (BLOCK_BYTES + 16) * BITS_PER_BYTE / baud
        self._doubts = 0
        self._identification = Identification(self)

    def connect(self) -> None:
        """Have it find the rate. One that did already says NACK, which is as good.

        Raises NoBootloaderError.
        """
        self._identification = Identification(self)
        for _ in range(_SYNC_TRIES):
            self._wire.reset_input_buffer()
            self._wire.write(bytes([SYNC]))
            try:
                self._expect_ack(_QUIET_S + self._block_s)
                return
            except RefusedError:
                return
            except NoiseError:
                self.resync()
        raise NoBootloaderError(f"no bootloader answers; {_TO_BOOTLOADER}")

    def resync(self) -> None:
        """Bring it back to where it waits for a command, whatever it waits for now.

        One that said no right after a yes waits for a command already; a second no may come from a place
        off by a byte. Raises NoBootloaderError when what is there does not stop speaking.
        """
        if self._doubts < _LOST:
            return
        self._set_timeout(_QUIET_S + self._block_s)
        for burst, probe in ((b"", _PROBE), (_NOTHING * (BLOCK_BYTES + 4), _NOTHING * 2)):
            self._wire.write(burst)
            self._drain()
            # One more at a time: it says no to each second one, and waits for a command then.
            for at in range(len(probe)):
                self._wire.write(probe[at : at + 1])
                if self._wire.read(1):
                    self._drain()
                    self._doubts = 0
                    return

    def _set_timeout(self, seconds: float) -> None:
        if self._wire.timeout != seconds:  # pyserial configures the whole port when it is set
            self._wire.timeout = seconds

    def _drain(self) -> None:
        for _ in range(_DRAIN_READS):
            if not self._wire.read(BLOCK_BYTES):
                return
        raise NoBootloaderError(f"a program is running on the board and speaks; {_TO_BOOTLOADER}")

    def get(self) -> int:
        """Its version, BCD."""
        self._command(GET)
        count = self._read(1)[0] + 1
        version = self._read(count)[0]
        self._expect_ack()
        return version

    def chip_id(self) -> int:
        """The product's number, 12 bits."""
        self._command(GET_ID)
        count = self._read(1)[0] + 1
        number = int.from_bytes(self._read(count), "big")
        self._expect_ack()
        return number

    def flash_kib(self) -> int:
        """What the chip says of its flash's size; 0 when it does not let that be read."""
        at = FLASH_SIZE_AT - SIGNATURE_AT
        for _ in range(_SIGNATURE_TRIES):
            try:
                return int.from_bytes(self.read(SIGNATURE_AT, BLOCK_BYTES)[at : at + 2], "little")
            except ProtectedError:
                raise
            except RefusedError:
                continue
        return 0

    def identify(self) -> Identity:
        """What chip it is. Raises ImageError for one that is not known here, ProtectedError.

        After a NoiseError it goes on from what was read before.
        """
        return self._identification.identity()

    def read(self, address: int, size: int) -> bytes:
        """1 to 256 bytes of memory. Raises ProtectedError when the chip does not let itself be read."""
        try:
            self._command(READ)
        except RefusedError:
            raise ProtectedError(
                "the chip is protected against reading (RDP); unprotecting erases all of it: do that with "
                "`stm32flash -k`, then try again"
            ) from None
        self._send(_with_checksum(address.to_bytes(4, "big")))
        self._send(bytes([size - 1, size - 1 ^ 0xFF]))
        return self._read(size)

    def write(self, address: int, data: bytes) -> None:
        """1 to 256 bytes, a multiple of 4, to where flash is erased."""
        self._command(WRITE)
        self._send(_with_checksum(address.to_bytes(4, "big")))
        self._send(_with_checksum(bytes([len(data) - 1]) + data))

    def erase(self, sectors: Sequence[Sector]) -> None:
        """Erase sectors."""
        numbers = [sector.number for sector in sectors]
        words = b"".join(number.to_bytes(2, "big") for number in (len(numbers) - 1, *numbers))
        self._command(EXTENDED_ERASE)  # the plain one is that of chips older than any STM32F4
        self._wire.write(_with_checksum(words))
        try:
            self._expect_ack(_ERASE_S * len(sectors))
        except SilenceError:
            self._fill_up()
            raise

    def _fill_up(self) -> None:
        """Have it say no to an erase whose number of sectors was hit: it may wait for 65,520 of them."""
        self._set_timeout(_QUIET_S + self._block_s)
        for _ in range(0, _MOST_ERASE_BYTES, _FILL_BYTES):
            self._wire.write(_NOTHING * _FILL_BYTES)
            if self._wire.read(1):
                return

    def go(self, address: int) -> None:
        """Start the program whose vectors are there."""
        self._command(GO)
        self._send(_with_checksum(address.to_bytes(4, "big")))

    def _command(self, code: int) -> None:
        self._send(bytes([code, code ^ 0xFF]))

    def _send(self, data: bytes) -> None:
        self._wire.write(data)
        self._expect_ack()

    def _expect_ack(self, timeout_s: float = _ANSWER_S) -> None:
        answer = self._read(1, timeout_s)[0]
        if answer == NACK:
            self._doubts += 1
            raise RefusedError(
                "the bootloader says no (NACK), again and again; if the flash is write-protected, "
                "`stm32flash -u` lifts that"
            )
        if answer != ACK:
            self._doubts = _LOST
            raise NoiseError(f"the bootloader answered {answer:#04x}, neither ACK nor NACK; {_BAD_LINE}")
        self._doubts = 0

    def _read(self, size: int, timeout_s: float = _ANSWER_S) -> bytes:
        self._set_timeout(timeout_s + self._block_s)
        data = self._wire.read(size)
        if len(data) < size:
            self._doubts = _LOST
            raise SilenceError(
                f"the bootloader fell silent: {len(data)} of {size} bytes in {timeout_s:g} s; {_BAD_LINE}"
            )
        return data
