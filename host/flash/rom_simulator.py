"""The bootloader in an STM32F4's ROM, simulated after AN3155: for tests, and for measuring without a board.

Flash does as flash does: erasing sets bits, writing clears them. A seeded line may flip bits and say
NACK without a reason. `pty_board` puts it behind a port.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from random import Random

from host.flash.an3155 import (
    ACK,
    BLOCK_BYTES,
    EXTENDED_ERASE,
    GET,
    GET_ID,
    GO,
    NACK,
    READ,
    SYNC,
    WRITE,
)
from host.flash.chips import BY_ID, FLASH_SIZE_AT, SIGNATURE_AT, Sector
from host.flash.image import FLASH_START

VERSION = 0x31
GET_VERSION = 0x01
_COMMANDS = (GET, GET_VERSION, GET_ID, READ, GO, WRITE, EXTENDED_ERASE)
_ALL_SECTORS = 0xFFFF
_WORD_US = 16
"""Programming of 32 bits (STM32F405 datasheet, table 40)."""
_ERASE_S = {16 << 10: 0.25, 64 << 10: 0.55, 128 << 10: 1.0}
"""Typical, with 32 bits at once (same table)."""

_Conversation = Generator[int, bytes, None]
"""Yields how many bytes it wants next."""


@dataclass
class Counts:
    """What was done to the chip."""

    writes: int = 0
    written_bytes: int = 0
    other_commands: int = 0
    """All that were accepted but writes."""
    erased: list[int] = field(default_factory=list)
    nacks: int = 0
    went_to: int | None = None


class RomBootloader:
    """The chip: bytes in by `feed`, bytes out by `take`. `delay_s` adds up what flash would have taken."""

    def __init__(
        self, chip_id: int = 0x413, *, flash_kib: int | None = None, protected: bool = False,
        nack_rate: float = 0.0, flip_rate: float = 0.0, seed: int = 1,
        told_id: int | None = None,
    ) -> None:
        """`told_id` is what it says instead of `chip_id`.

        `nack_rate` is of commands, blocks and addresses, `flip_rate` of bytes each way.
        """
        chip = BY_ID[chip_id]
        size = (flash_kib or chip.flash_bytes >> 10) << 10
        self.flash = bytearray(b"\xff" * size)
        self.counts = Counts()
        self.delay_s = 0.0
        self.protected = protected
        self._id = chip_id if told_id is None else told_id
        self._sectors = {sector.number: sector for sector in chip.sectors(size)}
        self._nack_rate, self._flip_rate = nack_rate, flip_rate
        self._random = Random(seed)
        self._out = bytearray()
        self._in = bytearray()
        self._talk = self._run()
        self._wanted = next(self._talk)

    def feed(self, data: bytes) -> None:
        """Bytes from the line."""
        self._in += self._noisy(data)
        while len(self._in) >= self._wanted:
            taken = bytes(self._in[: self._wanted])
            del self._in[: self._wanted]
            self._wanted = self._talk.send(taken)

    def take(self) -> bytes:
        """Bytes for the line."""
        out = self._noisy(bytes(self._out))
        self._out.clear()
        return out

    def _noisy(self, data: bytes) -> bytes:
        if not self._flip_rate:
            return data
        random = self._random
        return bytes(
            byte ^ 1 << random.randrange(8) if random.random() < self._flip_rate else byte for byte in data
        )

    def _run(self) -> _Conversation:
        while (yield 1) != bytes([SYNC]):
            pass
        self._out.append(ACK)
        while True:
            (code,) = yield 1
            if code == SYNC:  # it knows the rate already
                self._refuse()
                continue
            (complement,) = yield 1
            is_allowed = not self.protected or code in (GET, GET_VERSION, GET_ID)
            if complement != code ^ 0xFF or code not in _COMMANDS or not is_allowed:
                self._refuse()
            elif self._accept():
                yield from self._do(code)

    def _do(self, code: int) -> _Conversation:
        self.counts.other_commands += code != WRITE
        if code == GET:
            self._out += bytes([len(_COMMANDS), VERSION, *_COMMANDS, ACK])
        elif code == GET_VERSION:
            self._out += bytes([VERSION, 0, 0, ACK])
        elif code == GET_ID:
            self._out += bytes([1, self._id >> 8, self._id & 0xFF, ACK])
        elif code == EXTENDED_ERASE:
            yield from self._erase()
        else:
            yield from self._at_address(code)

    def _at_address(self, code: int) -> _Conversation:
        packed = yield 5
        address = int.from_bytes(packed[:4], "big")
        is_known = self._memory(address, 1) is not None and (code == READ or address >= FLASH_START)
        if reduce(xor, packed) or not is_known:
            self._refuse()
        elif self._accept():
            yield from self._done_at(code, address)

    def _done_at(self, code: int, address: int) -> _Conversation:
        if code == GO:
            self.counts.went_to = address
        elif code == READ:
            yield from self._read(address)
        else:
            yield from self._write(address)

    def _read(self, address: int) -> _Conversation:
        count, complement = yield 2
        memory = self._memory(address, count + 1)
        if complement != count ^ 0xFF or memory is None:
            self._refuse()
        elif self._accept():
            self._out += memory

    def _write(self, address: int) -> _Conversation:
        (count,) = yield 1
        rest = yield count + 2
        data, at = rest[:-1], address - FLASH_START
        if reduce(xor, rest, count) or len(data) % 4 or address % 4 or at + len(data) > len(self.flash):
            self._refuse()
        elif self._accept():
            for place, byte in enumerate(data):
                self.flash[at + place] &= byte
            self.delay_s += len(data) / 4 * _WORD_US / 1e6
            self.counts.writes += 1
            self.counts.written_bytes += len(data)

    def _erase(self) -> _Conversation:
        packed = yield 2
        count = int.from_bytes(packed, "big")
        if count >= 0xFFF0:
            is_right = (yield 1)[0] == reduce(xor, packed) and count == _ALL_SECTORS
            sectors = list(self._sectors)
        else:
            rest = yield 2 * (count + 1) + 1
            is_right = not reduce(xor, packed + rest)
            sectors = [int.from_bytes(rest[at : at + 2], "big") for at in range(0, 2 * count + 2, 2)]
        if not is_right or any(number not in self._sectors for number in sectors):
            self._refuse()
        elif self._accept():
            for number in sectors:
                self._erase_sector(self._sectors[number])

    def _erase_sector(self, sector: Sector) -> None:
        at = sector.start - FLASH_START
        self.flash[at : at + sector.size] = b"\xff" * sector.size
        self.delay_s += _ERASE_S[sector.size]
        self.counts.erased.append(sector.number)

    def _memory(self, address: int, size: int) -> bytes | None:
        if address >= SIGNATURE_AT and address + size <= SIGNATURE_AT + BLOCK_BYTES:
            return self._signature()[address - SIGNATURE_AT :][:size]
        at = address - FLASH_START
        return bytes(self.flash[at : at + size]) if 0 <= at <= len(self.flash) - size else None

    def _signature(self) -> bytes:
        kib = (len(self.flash) >> 10).to_bytes(2, "little")
        at = FLASH_SIZE_AT - SIGNATURE_AT
        return (b"\xff" * at + kib).ljust(BLOCK_BYTES, b"\xff")

    def _accept(self) -> bool:
        """ACK, but for now and then a NACK without a reason."""
        if self._nack_rate and self._random.random() < self._nack_rate:
            self._refuse()
            return False
        self._out.append(ACK)
        return True

    def _refuse(self) -> None:
        self.counts.nacks += 1
        self._out.append(NACK)
