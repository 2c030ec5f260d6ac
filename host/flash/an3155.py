"""The ROM bootloader's protocol on a UART (ST, AN3155, USART protocol used in the STM32 bootloader).

8E1. A command is a byte and its complement; addresses and blocks carry an XOR of their bytes. What the
bootloader reads back to us carries none. It answers ACK or NACK and has no time-outs of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import xor
from typing import Protocol

from host.flash.chips import BY_ID, FLASH_SIZE_AT, SIGNATURE_AT, Chip, Identity, Sector
from host.flash.errors import (
    ImageError,
    NoBootloaderError,
    NoiseError,
    ProtectedError,
    RefusedError,
)

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

    def __init__(self, wire: Wire, baud: int = 115_200) -> None:
        self._wire = wire
        self._block_s = (BLOCK_BYTES + 16) * BITS_PER_BYTE / baud

    def connect(self) -> None:
        """Have it find the rate. One that did already says NACK, which is as good.

        Raises NoBootloaderError.
        """
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

        Raises NoBootloaderError when what is there does not stop speaking.
        """
        self._set_timeout(_QUIET_S + self._block_s)
        for burst in (b"", _NOTHING * (BLOCK_BYTES + 4)):
            self._wire.write(burst)
            self._drain()
            # One more at a time: it says no to each second one, and waits for a command then.
            for _ in range(2):
                self._wire.write(_NOTHING)
                if self._wire.read(1):
                    self._drain()
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

    def identify(self) -> Identity:
        """What chip it is. Raises ImageError for one that is not known here, ProtectedError."""
        try:
            version, number = self.get(), self.chip_id()
        except NoiseError as error:
            # What `connect` took for its answer may have been a byte of something else.
            raise NoiseError(f"what answers does not speak as a bootloader: {error}") from None
        chip = BY_ID.get(number)
        if chip is None:
            raise ImageError(f"chip {number:#05x} is no STM32F4 that is known here; use stm32flash for it")
        size = self._flash_bytes(chip)
        return Identity(
            (chip,), chip.name, size, tuple(chip.sectors(size)), f"{version >> 4}.{version & 15}"
        )

    def _flash_bytes(self, chip: Chip) -> int:
        """What the chip says of itself, or the most that its line has when it says nothing sensible."""
        at, size = FLASH_SIZE_AT - SIGNATURE_AT, 0
        for _ in range(_SIGNATURE_TRIES):
            try:
                signature = self.read(SIGNATURE_AT, BLOCK_BYTES)
            except ProtectedError:
                raise
            except RefusedError:
                continue
            size = int.from_bytes(signature[at : at + 2], "little") << 10
            break
        return size if 0 < size <= chip.flash_bytes else chip.flash_bytes

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
        self._expect_ack(_ERASE_S * len(sectors))

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
            raise RefusedError(
                "the bootloader says no (NACK), again and again; if the flash is write-protected, "
                "`stm32flash -u` lifts that"
            )
        if answer != ACK:
            raise NoiseError(f"the bootloader answered {answer:#04x}, neither ACK nor NACK; {_BAD_LINE}")

    def _read(self, size: int, timeout_s: float = _ANSWER_S) -> bytes:
        self._set_timeout(timeout_s + self._block_s)
        data = self._wire.read(size)
        if len(data) < size:
            raise NoiseError(
                f"the bootloader fell silent: {len(data)} of {size} bytes in {timeout_s:g} s; {_BAD_LINE}"
            )
        return data
