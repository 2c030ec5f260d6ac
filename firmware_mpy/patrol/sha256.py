"""SHA-256 (FIPS 180-4) and HMAC (RFC 2104) that allocate nothing.

MicroPython's own hashlib makes two objects for every digest, four for an HMAC, and cannot begin from a state
that is known already. Here the two states behind a key are worked out once, and a frame costs two or
three blocks.
"""

from array import array

import micropython
from micropython import const

from patrol import variants, wire
from patrol.buffers import move

_BLOCK = const(64)
_START = (
    b"\x67\xe6\x09\x6a\x85\xae\x67\xbb\x72\xf3\x6e\x3c\x3a\xf5\x4f\xa5\x7f\x52\x0e\x51\x8c\x68\x05\x9b"
    b"\xab\xd9\x83\x1f\x19\xcd\xe0\x5b"
)
"""The first 32 bits of the fractions of the square roots of the first 8 primes, little endian."""

_ROUNDS = (
    b"\x98\x2f\x8a\x42\x91\x44\x37\x71\xcf\xfb\xc0\xb5\xa5\xdb\xb5\xe9\x5b\xc2\x56\x39\xf1\x11\xf1\x59"
    b"\xa4\x82\x3f\x92\xd5\x5e\x1c\xab\x98\xaa\x07\xd8\x01\x5b\x83\x12\xbe\x85\x31\x24\xc3\x7d\x0c\x55"
    b"\x74\x5d\xbe\x72\xfe\xb1\xde\x80\xa7\x06\xdc\x9b\x74\xf1\x9b\xc1\xc1\x69\x9b\xe4\x86\x47\xbe\xef"
    b"\xc6\x9d\xc1\x0f\xcc\xa1\x0c\x24\x6f\x2c\xe9\x2d\xaa\x84\x74\x4a\xdc\xa9\xb0\x5c\xda\x88\xf9\x76"
    b"\x52\x51\x3e\x98\x6d\xc6\x31\xa8\xc8\x27\x03\xb0\xc7\x7f\x59\xbf\xf3\x0b\xe0\xc6\x47\x91\xa7\xd5"
    b"\x51\x63\xca\x06\x67\x29\x29\x14\x85\x0a\xb7\x27\x38\x21\x1b\x2e\xfc\x6d\x2c\x4d\x13\x0d\x38\x53"
    b"\x54\x73\x0a\x65\xbb\x0a\x6a\x76\x2e\xc9\xc2\x81\x85\x2c\x72\x92\xa1\xe8\xbf\xa2\x4b\x66\x1a\xa8"
    b"\x70\x8b\x4b\xc2\xa3\x51\x6c\xc7\x19\xe8\x92\xd1\x24\x06\x99\xd6\x85\x35\x0e\xf4\x70\xa0\x6a\x10"
    b"\x16\xc1\xa4\x19\x08\x6c\x37\x1e\x4c\x77\x48\x27\xb5\xbc\xb0\x34\xb3\x0c\x1c\x39\x4a\xaa\xd8\x4e"
    b"\x4f\xca\x9c\x5b\xf3\x6f\x2e\x68\xee\x82\x8f\x74\x6f\x63\xa5\x78\x14\x78\xc8\x84\x08\x02\xc7\x8c"
    b"\xfa\xff\xbe\x90\xeb\x6c\x50\xa4\xf7\xa3\xf9\xbe\xf2\x78\x71\xc6"
)
"""The same of the cube roots of the first 64 primes."""

ROUNDS = array("I", _ROUNDS)
_MASK = 0xFFFFFFFF


def _rotated(word, bits):
    return word >> bits | word << 32 - bits & _MASK


def compress_plain(state, data, at, work, rounds):
    """Take the block data[at:][:64] into the state."""
    for t in range(16):
        work[t] = int.from_bytes(data[at + 4 * t : at + 4 * t + 4], "big")
    for t in range(16, 64):
        early, late = work[t - 15], work[t - 2]
        small0 = _rotated(early, 7) ^ _rotated(early, 18) ^ early >> 3
        small1 = _rotated(late, 17) ^ _rotated(late, 19) ^ late >> 10
        work[t] = work[t - 16] + small0 + work[t - 7] + small1 & _MASK
    a, b, c, d, e, f, g, h = state
    for t in range(64):
        large1 = _rotated(e, 6) ^ _rotated(e, 11) ^ _rotated(e, 25)
        first = h + large1 + (e & f ^ ~e & g) + rounds[t] + work[t]
        large0 = _rotated(a, 2) ^ _rotated(a, 13) ^ _rotated(a, 22)
        second = large0 + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = first + second & _MASK, a, b, c, d + first & _MASK, e, f, g
    for place, word in enumerate((a, b, c, d, e, f, g, h)):
        state[place] = state[place] + word & _MASK


@micropython.viper
def compress_viper(state: ptr32, data: ptr8, at: int, work: ptr32, rounds: ptr32):
    one = 1  # made step by step: as a constant it is no small integer
    mask = uint((one << 32) - 1)
    t = 0
    while t < 16:
        work[t] = data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3]
        at += 4
        t += 1
    while t < 64:
        x = uint(work[t - 15]) & mask
        y = uint(work[t - 2]) & mask
        x = (x >> 7 | x << 25) ^ (x >> 18 | x << 14) ^ x >> 3
        y = (y >> 17 | y << 15) ^ (y >> 19 | y << 13) ^ y >> 10
        work[t] = work[t - 16] + int(x) + work[t - 7] + int(y)
        t += 1
    a = uint(state[0]) & mask
    b = uint(state[1]) & mask
    c = uint(state[2]) & mask
    d = uint(state[3]) & mask
    e = uint(state[4]) & mask
    f = uint(state[5]) & mask
    g = uint(state[6]) & mask
    h = uint(state[7]) & mask
    t = 0
    while t < 64:
        x = h + ((e >> 6 | e << 26) ^ (e >> 11 | e << 21) ^ (e >> 25 | e << 7)) + (g ^ e & (f ^ g))
        x += uint(rounds[t]) + uint(work[t])
        y = ((a >> 2 | a << 30) ^ (a >> 13 | a << 19) ^ (a >> 22 | a << 10)) + (a & b | c & (a | b))
        h = g
        g = f
        f = e
        e = d + x & mask
        d = c
        c = b
        b = a
        a = x + y & mask
        t += 1
    state[0] = state[0] + int(a)
    state[1] = state[1] + int(b)
    state[2] = state[2] + int(c)
    state[3] = state[3] + int(d)
    state[4] = state[4] + int(e)
    state[5] = state[5] + int(f)
    state[6] = state[6] + int(g)
    state[7] = state[7] + int(h)


VARIANTS = (compress_plain, compress_viper)
variants.keep_last(globals())


@micropython.viper
def _pad(data: ptr8, size: int, before: int) -> int:
    """Close a message of data[:size], behind so many bytes that the state has; answers its padded size."""
    data[size] = 0x80
    end = (size + 9 + 63) // 64 * 64
    at = size + 1
    while at < end - 3:
        data[at] = 0
        at += 1
    bits = (before + size) * 8
    data[end - 3] = bits >> 16
    data[end - 2] = bits >> 8
    data[end - 1] = bits
    return end


@micropython.viper
def _put_words(data: ptr8, words: ptr32, count: int):
    """Words to bytes, big endian."""
    index = 0
    while index < count:
        word = words[index]
        data[4 * index] = word >> 24
        data[4 * index + 1] = word >> 16
        data[4 * index + 2] = word >> 8
        data[4 * index + 3] = word
        index += 1


@micropython.viper
def is_same(one: ptr8, other: ptr8, at: int, size: int) -> bool:
    """Whether one[:size] is other[at:][:size]; takes as long whatever differs."""
    different = index = 0
    while index < size:
        different |= one[index] ^ other[at + index]
        index += 1
    return different == 0


class Signer:
    """HMAC-SHA256 under one key. `code` has the last one."""

    def __init__(self, key, limit, compress=VARIANTS[-1]):
        self._limit = limit
        self._compress = compress
        self._data = bytearray((limit + 9 + _BLOCK - 1) // _BLOCK * _BLOCK)
        self._work = array("I", bytes(4 * 64))
        self._inner, self._outer = self._keyed(key, 0x36), self._keyed(key, 0x5C)
        self._state = array("I", bytes(4 * 8))
        self.code = bytearray(32)

    def _keyed(self, key, pad):
        """The state after the block that a key of at most 64 bytes makes."""
        state = array("I", _START)
        block = bytes([byte ^ pad for byte in key + bytes(_BLOCK - len(key))])
        self._compress(state, block, 0, self._work, ROUNDS)
        return state

    def sign(self, head, content, at, size):
        """Make the code of head + content[at:][:size]; False when that is longer than the limit."""
        total = len(head) + size
        if total > self._limit:
            return False
        data = self._data
        move(data, 0, head, 0, len(head))
        move(data, len(head), content, at, size)
        self._digest(self._inner, total)
        _put_words(data, self._state, 8)
        self._digest(self._outer, 32)
        _put_words(self.code, self._state, 8)
        return True

    def _digest(self, keyed, size):
        data, state = self._data, self._state
        end = _pad(data, size, _BLOCK)
        move(state, 0, keyed, 0, 32)
        at = 0
        while at < end:
            self._compress(state, data, at, self._work, ROUNDS)
            at += _BLOCK

    def holds(self, content, at):
        """Whether content[at:] begins with the code just made, as far as a frame has it."""
        return is_same(self.code, content, at, wire.MAC_BYTES)
