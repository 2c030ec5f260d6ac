"""For MicroPython on a PC: an update with the power cut at every write there is, one after another.

    micropython power_cuts.py FIRMWARE OLD NEW [TORN [FIRST [STEP]]]

Starts each time from a car that runs OLD, confirmed; updates it to NEW and cuts at write n: of the transfer,
of the boot record, of the boot that tries NEW, of its confirmation. Then it boots again, checks that OLD or
NEW runs, whole, and that the update can be done again. Prints JSON.
"""

import json
import sys
from hashlib import sha256

import vfs

sys.path.insert(0, sys.argv[1])
sys.path.insert(0, __file__.rpartition("/")[0])

from nor_flash import NorFlash, erased
from update.slots import FACTORY, Slots, digest_of

BLOCKS = 64
BLOCK_BYTES = 1024
FOLDER = "/flash/slots"


def power_on(data, cut_at=0, torn=False):
    """The flash and the slots, as a boot finds them."""
    flash = NorFlash(data, cut_at, torn)
    vfs.mount(vfs.VfsLfs2(flash, readsize=256, progsize=256), "/flash")
    return flash, boot()


def power_off():
    vfs.umount("/flash")


def boot():
    slots = Slots(FOLDER)
    slots.choose()
    return slots


def transfer(slots, content):
    """Put an application into the spare slot, block by block."""
    slots.open_spare()
    with open(slots.part_path, "wb") as part:
        for at in range(0, len(content), BLOCK_BYTES):
            part.write(content[at : at + BLOCK_BYTES])
            part.flush()
    digest = sha256(content).digest()
    if digest_of(slots.part_path) != digest:
        raise ValueError("read back wrong")
    slots.install(slots.part_path, len(content), digest)


def update(slots, content):
    """A whole update of a car that runs: transfer, restart, trial, confirmation."""
    transfer(slots, content)
    slots = boot()
    slots.confirm()
    return slots


def running(slots):
    """The digest of what runs, read from the slot's own file."""
    return None if slots.running == FACTORY else digest_of(slots.path(slots.running))


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def started_car(old):
    """The content of flash with OLD confirmed in a slot."""
    data = erased(BLOCKS)
    vfs.VfsLfs2.mkfs(NorFlash(data), readsize=256, progsize=256)
    _, slots = power_on(data)
    update(slots, old)
    power_off()
    return data


class Cuts:
    """Runs the cuts and keeps the tally."""

    def __init__(self, old, new, torn):
        self.new = new
        self.torn = torn
        self.digests = {sha256(old).digest(): "old", sha256(new).digest(): "new"}
        self.start = bytes(started_car(old))
        self.data = bytearray(self.start)
        self.result = {"old": 0, "new": 0, "failed": []}

    def writes(self):
        """How many writes a whole update is, the boot that tries it included."""
        flash, slots = power_on(self.data)
        self.check_update(slots)
        power_off()
        return flash.writes

    def check_update(self, slots):
        what = self.digests.get(running(update(slots, self.new)))
        if what != "new":
            raise ValueError("after the update, {} runs".format(what))

    def cut(self, number):
        """Cut at write `number`, boot, and update again."""
        self.data[:] = self.start
        flash, slots = power_on(self.data, number, self.torn)
        try:
            update(slots, self.new)
        except OSError:
            pass
        power_off()
        if flash.is_on:
            raise ValueError("the power was not cut")
        _, slots = power_on(self.data)
        runs = self.digests[running(slots)]
        self.check_update(slots)
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
    cuts = Cuts(contents(old), contents(new), torn == "1")
    print(json.dumps(cuts.run(int(first), int(step))))


main(*sys.argv[1:])
