"""CRC-32 as zlib's, started from four bytes: the contract's hash, or zeros for HELLO.

A 32-bit number is a long integer on the board, so no checksum is ever one: it is appended to the data as
four bytes, and a frame is checked by the fact that data with their own checksum behind them always have
the same checksum, whatever it was started from.
"""

from array import array

import micropython

from patrol import variants
from patrol.variants import thumb

NO_SEED = bytes(4)


def fill_table_plain(table):
    for index in range(256):
        value = index
        for _ in range(8):
            value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
        table[index] = value


@micropython.viper
def fill_table_viper(table: ptr32):
    high = 0xEDB8  # in two steps, as the whole is no small integer
    polynomial = uint(high << 16 | 0x8320)
    index = 0
    while index < 256:
        value = uint(index)
        bits = 8
        while bits:
            low = value & 1
            value >>= 1
            if low:
                value ^= polynomial
            bits -= 1
        table[index] = value
        index += 1


TABLE = array("I", bytes(1024))
fill_table_viper(TABLE)


def append_plain(data, size, table, seed):
    """Put the checksum of data[:size] behind it."""
    crc = int.from_bytes(seed, "little") ^ 0xFFFFFFFF
    for index in range(size):
        crc = crc >> 8 ^ table[(crc ^ data[index]) & 255]
    crc ^= 0xFFFFFFFF
    for index in range(4):
        data[size + index] = crc >> 8 * index & 255


@micropython.viper
def append_viper(data: ptr8, size: int, table: ptr32, seed: ptr8):
    crc = (seed[0] | seed[1] << 8 | seed[2] << 16 | seed[3] << 24) ^ -1
    index = 0
    while index < size:
        # viper shifts keep the sign; the mask drops it, and on 64 bits what stands above bit 31
        crc = (crc >> 8 & 0xFFFFFF) ^ table[(crc ^ data[index]) & 255]
        index += 1
    crc ^= -1
    index = size + 4
    while size < index:
        data[size] = crc
        crc >>= 8
        size += 1


VARIANTS = (append_plain, append_viper) + ((thumb.append_checksum,) if thumb else ())
append = VARIANTS[-1]
variants.keep_last(globals())


@micropython.viper
def is_residue(data: ptr8, at: int) -> bool:
    """Whether the checksum at data[at:] is that of something that ended with its own checksum.

    That is always the same number: CRC-32's residue, inverted.
    """
    return data[at] == 0x1C and data[at + 1] == 0xDF and data[at + 2] == 0x44 and data[at + 3] == 0x21


def holds(data, size, seed, append=append):
    """Whether data[:size] ends with its own checksum. The four bytes behind it are overwritten."""
    append(data, size, TABLE, seed)
    return is_residue(data, size)
