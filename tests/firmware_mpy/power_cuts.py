"""For MicroPython on a PC: an update with the power cut at every write there is, one after another.

    micropython power_cuts.py FIRMWARE OLD NEW [TORN [FIRST [STEP]]]

OLD and NEW are JSON files: `content` is an application's image, `messages` the host's commands that send it,
in hex. Starts each time from a car that runs OLD, confirmed; updates it to NEW and cuts at write n: of the
transfer, of the boot record, of the boot that tries NEW, of its confirmation. Then it boots again, checks
that OLD or NEW runs, whole, and that the update can be done again, going on with the part that is there.
Prints JSON.
"""

import json
import os
import sys
from binascii import crc32, unhexlify
from hashlib import sha256

import vfs

sys.path.insert(0, sys.argv[1])
sys.path.insert(0, __file__.rpartition("/")[0])

from nor_flash import NorFlash, erased
from patrol import wire
from patrol.files import Files
from update import start
from update.slots import FACTORY, digest_of

BLOCKS = 96
RESULT = 2


def power_on(data, cut_at=0, torn=False):
    """The flash and the slots, as a boot finds them."""
    flash = NorFlash(data, cut_at, torn)
    vfs.mount(vfs.VfsLfs2(flash, readsize=256, progsize=256), "/flash")
    os.chdir("/flash")
    return flash, boot()


def power_off():
    os.chdir("/")
    vfs.umount("/flash")


def boot():
    slots = start.load_slots()
    slots.choose()
    start.running, start.fallen = slots.running, slots.fallen
    return slots


class Application:
    """An image, and the commands by which the host sends it."""

    def __init__(self, path):
        with open(path) as file:
            told = json.load(file)
        self.content = unhexlify(told["content"])
        self.digest = sha256(self.content).digest()
        self.messages = [unhexlify(message) for message in told["messages"]]


def word(data, at):
    return int.from_bytes(data[at : at + 4], "little")


class PowerError(Exception):
    """The flash took no more."""


def execute(files, message, reply):
    reply[1] = wire.STATUS_OK
    files.execute(message, len(message), reply)
    if reply[1] == wire.STATUS_STORAGE:
        raise PowerError
    if reply[1] != wire.STATUS_OK:
        raise ValueError("status {} of command {}".format(reply[1], message[0]))


def transfer(application):
    """Put an application into the spare slot by the host's own commands; answers where it went on."""
    files, reply = Files(), bytearray(wire.MAX_MESSAGE)
    put, *pieces, keep = application.messages
    execute(files, put, reply)
    have = word(reply, RESULT)
    if have % wire.BLOCK_BYTES or crc32(application.content[:have]) != word(reply, RESULT + 4):
        have = 0
    execute(files, bytes([wire.COMMAND_FROM]) + have.to_bytes(4, "little"), reply)
    for piece in pieces:
        if word(piece, 1) >= have:
            execute(files, piece, reply)
    execute(files, keep, reply)
    return have


def update(application):
    """A whole update of a car that runs: transfer, restart, trial, confirmation."""
    have = transfer(application)
    slots = boot()
    slots.confirm()
    return slots, have


def running(slots):
    """The digest of what runs, read from the slot's own file."""
    return None if slots.running == FACTORY else digest_of(slots.path(slots.running))


def started_car(old):
    """The content of flash with OLD confirmed in a slot."""
    data = erased(BLOCKS)
    vfs.VfsLfs2.mkfs(NorFlash(data), readsize=256, progsize=256)
    power_on(data)
    update(old)
    power_off()
    return data


class Cuts:
    """Runs the cuts and keeps the tally."""

    def __init__(self, old, new, torn):
        self.new = new
        self.torn = torn
        self.digests = {old.digest: "old", new.digest: "new"}
        self.start = bytes(started_car(old))
        self.data = bytearray(self.start)
        self.result = {"old": 0, "new": 0, "resumed": 0, "failed": []}

    def writes(self):
        """How many writes a whole update is, the boot that tries it included."""
        flash, _ = power_on(self.data)
        self.check_update()
        power_off()
        return flash.writes

    def check_update(self):
        slots, have = update(self.new)
        self.result["resumed"] += have > 0
        what = self.digests.get(running(slots))
        if what != "new":
            raise ValueError("after the update, {} runs".format(what))

    def cut(self, number):
        """Cut at write `number`, boot, and update again."""
        self.data[:] = self.start
        flash, _ = power_on(self.data, number, self.torn)
        try:
            update(self.new)
        except (OSError, PowerError):
            pass
        power_off()
        if flash.is_on:
            raise ValueError("the power was not cut")
        _, slots = power_on(self.data)
        runs = self.digests[running(slots)]
        self.check_update()
        power_off()
        self.result[runs] += 1

    def run(self, first, step):
        count = self.writes()
        for number in range(first, count + 1, step):
            try:
                self.cut(number)
            except Exception as error:
                self.result["failed"].append([number, repr(error)])
        self.result["writes"] = count
        self.result["cuts"] = len(range(first, count + 1, step))
        return self.result


def main(firmware, old, new, torn="0", first="1", step="1"):
    cuts = Cuts(Application(old), Application(new), torn == "1")
    print(json.dumps(cuts.run(int(first), int(step))))


main(*sys.argv[1:])
