"""What reading blocks costs on the board. It is main.py there, and the blocks are in the ROM file system.

Prints a line of JSON: ticks in all, and the CRC-32 of all content.
"""

import gc
import json
from binascii import crc32

from patrol import cycles
from patrol.blocks import SLACK, BlockReader

LARGEST = 4096 + 16


def main():
    gc.collect()
    reader = BlockReader(4096)
    data = bytearray(LARGEST + SLACK)
    ticks = crc = refused = 0
    with open("/rom/blocks.bin", "rb") as file:  # noqa: PTH123  MicroPython has no Path
        while head := file.read(2):
            size = int.from_bytes(head, "little")
            file.readinto(memoryview(data)[:size])
            cycles.start()
            taken = reader.read(data, size)
            ticks += cycles.stop()
            refused += not taken
            crc = crc32(reader.content, crc)
    print(json.dumps({"ticks": ticks, "crc": crc, "refused": refused}))
    print("measured")


main()
