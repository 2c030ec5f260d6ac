"""Bytes and words moved in place. Nothing here allocates, and nothing depends on the machine's word size."""

import micropython


@micropython.viper
def copy(target: ptr8, at: int, source: ptr8, size: int):
    index = 0
    while index < size:
        target[at + index] = source[index]
        index += 1


@micropython.viper
def copy_word(target: ptr32, at: int, source: ptr32, index: int):
    target[at] = source[index]


@micropython.viper
def add_to_word(words: ptr32, index: int, amount: int):
    """Modulo 2**32: a counter that turns over instead of becoming a long integer on the heap."""
    words[index] = words[index] + amount


@micropython.viper
def int16(data: ptr8, at: int) -> int:
    value = data[at] | data[at + 1] << 8
    return value - ((value >> 15) << 16)


@micropython.viper
def uint16(data: ptr8, at: int) -> int:
    return data[at] | data[at + 1] << 8


@micropython.viper
def put16(data: ptr8, at: int, value: int):
    data[at] = value
    data[at + 1] = value >> 8


@micropython.viper
def put32(data: ptr8, at: int, value: int):
    index = 0
    while index < 4:
        data[at + index] = value
        value >>= 8
        index += 1


@micropython.viper
def move(target: ptr8, at: int, source: ptr8, start: int, size: int):
    """target[at:] = source[start:][:size], not within one buffer."""
    index = 0
    while index < size:
        target[at + index] = source[start + index]
        index += 1
