"""Two slots for applications, and the choice between them and the one that is built in."""

import os
from hashlib import sha256

from micropython import const

from update.record import CONFIRMED, EMPTY, SLOTS, TRYING, WRITTEN, BootRecord, make_folder

FOLDER = "slots"
FACTORY = const(-1)
"""In place of a slot: the application that is built in."""
_CHUNK_BYTES = const(512)


class Slots:
    """The slots in one folder. `running` is the slot whose application runs, or FACTORY."""

    def __init__(self, folder=FOLDER):
        self.folder = folder
        self.record = BootRecord(folder)
        self.running = FACTORY
        self.fallen = FACTORY
        """The slot that this boot gave up, or FACTORY."""

    @property
    def part_path(self):
        """Where an application is put together before `install` takes it."""
        return self.folder + "/part"

    def path(self, slot):
        return self.folder + "/" + "ab"[slot] + ".romfs"

    def state(self, slot):
        return self.record.slots[slot].state

    def choose(self):
        """Pick what runs in this boot, mark a try before it, and give up one that did not confirm."""
        self._give_up_tries()
        self.running = FACTORY
        for slot in self._order():
            if self.is_whole(slot) and self._may_run(slot):
                self.running = slot
                break
        return self.running

    def _give_up_tries(self):
        for slot in range(SLOTS):
            if self.state(slot) == TRYING:
                self.fallen = slot
                try:
                    self._mark(slot, EMPTY)
                except OSError:
                    pass  # in this boot it counts as empty; the next one tries to say so again

    def _may_run(self, slot):
        """Whether a slot was confirmed, or the try of it could be put on record."""
        if self.state(slot) == WRITTEN:
            try:
                self._mark(slot, TRYING)
            except OSError:
                return False
        return True

    def _order(self):
        """Slots that may run: one to be tried, then the one confirmed last, then the other."""
        preferred = self.record.preferred
        both = (preferred, 1 - preferred)
        written = [slot for slot in both if self.state(slot) == WRITTEN]
        return written + [slot for slot in both if self.state(slot) == CONFIRMED]

    def is_whole(self, slot):
        """Whether a slot's file is, to the last bit, what the record says."""
        entry = self.record.slots[slot]
        return entry.state != EMPTY and is_file_of(self.path(slot), entry.size, entry.digest)

    @property
    def spare(self):
        """The slot that an update may overwrite: never one that runs, or would after a restart."""
        if self.running != FACTORY:
            return 1 - self.running
        preferred = self.record.preferred
        return 1 - preferred if self.state(preferred) == CONFIRMED else preferred

    def open_spare(self):
        """Give up what is in the spare slot, before anything of a new application is written."""
        make_folder(self.folder)
        spare = self.spare
        if self.state(spare) != EMPTY:
            self._mark(spare, EMPTY)
        try:
            os.remove(self.path(spare))  # two applications and a part are all that a small flash holds
        except OSError:
            pass

    def install(self, path, size, digest):
        """Make a checked file the spare slot's application; the next boot tries it. Answers the slot.

        The file has to be in the slots' own folder: LittleFS renames within one folder in one step, but a cut
        between the two steps of a rename into another folder was seen to lose the whole root folder.
        """
        slot = self.spare
        self.open_spare()
        os.rename(path, self.path(slot))
        self.record.slots[slot].set(WRITTEN, size, digest)
        self.record.save()
        return slot

    def confirm(self):
        """The application that runs is good. Does nothing when it is known to be."""
        if self.running != FACTORY and self.state(self.running) == TRYING:
            self.record.preferred = self.running
            self._mark(self.running, CONFIRMED)

    def is_trying(self):
        return self.running != FACTORY and self.state(self.running) == TRYING

    def _mark(self, slot, state):
        self.record.slots[slot].state = state
        self.record.save()


def is_file_of(path, size, digest):
    """Whether a file has this size and this SHA-256."""
    try:
        if os.stat(path)[6] != size:
            return False
        return digest_of(path) == digest
    except OSError:
        return False


def digest_of(path):
    """SHA-256 of a file. Raises OSError."""
    hashed = sha256()
    chunk = bytearray(_CHUNK_BYTES)
    view = memoryview(chunk)
    with open(path, "rb") as file:
        while size := file.readinto(chunk):
            hashed.update(view[:size])
    return hashed.digest()
