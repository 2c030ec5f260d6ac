"""For MicroPython on a PC: does to the slots in a folder what the command line says.

    MICROPYPATH=firmware_mpy micropython slots_told.py FOLDER [boot | install=FILE | confirm | break=SLOT] ...

Each word is a step; `boot` begins a new life of the board. Prints a line of JSON for each step.
"""

import json
import os
import sys
from hashlib import sha256

from update.record import SLOTS
from update.slots import Slots


def install(slots, path):
    slots.open_spare()
    with open(path, "rb") as file:
        content = file.read()
    with open(slots.part_path, "wb") as part:
        part.write(content)
    return slots.install(slots.part_path, len(content), sha256(content).digest())


def corrupt(slots, slot):
    with open(slots.path(slot), "r+b") as file:
        file.write(b"\x00")


def step(slots, word):
    verb, _, rest = word.partition("=")
    if verb == "boot":
        slots = Slots(slots.folder)
        slots.choose()
    elif verb == "install":
        install(slots, rest)
    elif verb == "confirm":
        slots.confirm()
    elif verb == "break":
        corrupt(slots, int(rest))
    elif verb == "lose":
        os.remove(slots.folder + "/record." + rest)
    else:
        raise ValueError(word)
    return slots


def main(folder, words):
    slots = Slots(folder)
    for word in words:
        slots = step(slots, word)
        states = [slots.state(slot) for slot in range(SLOTS)]
        told = {"running": slots.running, "states": states, "fallen": slots.fallen, "spare": slots.spare}
        print(json.dumps(told))


main(sys.argv[1], sys.argv[2:])
