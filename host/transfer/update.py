"""A new application for the car: into the spare slot, tried once, kept when it has proved itself."""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import sha256

from host.link import CommandRefusedError, Link, LinkError
from host.transfer.put import Sent, put_file
from host.transfer.resume import Told, silent
from protocol.boot_record import SLOT_NAMES, Slot, SlotState
from protocol.file_commands import Target
from protocol.messages import Reply, Status

FACTORY = -1
"""In place of a slot: the application that is built in."""
_RESTART_S = 75.0
"""How long the car may take: a new application that does not answer is given up after 60 s."""
_HELLO_S = 1.5
_TRIES = 6
_APART_S = 0.3


class UpdateError(LinkError):
    """The car runs what it ran before."""


@dataclass(frozen=True)
class Slots:
    """What is in the slots. `running` and `fallen` are a slot or FACTORY; the second was given up at this
    start."""

    running: int
    fallen: int
    slots: tuple[Slot, Slot]

    def has(self, digest: bytes) -> int | None:
        """The slot whose application has this digest and may run; None when none has."""
        for number, slot in enumerate(self.slots):
            if slot.digest == digest and slot.state != SlotState.EMPTY:
                return number
        return None

    def named(self, slot: int) -> str:
        """A slot for people."""
        return "the built-in application" if slot == FACTORY else f"slot {SLOT_NAMES[slot]}"


def read_slots(link: Link) -> Slots:
    """What the car has in its slots, and what runs. Raises LinkError."""
    values = _at_last(link, "slots").values
    first, second = (Slot(SlotState(each["state"]), each["size"], each["digest"]) for each in values["slots"])
    return Slots(values["running"], values["fallen"], (first, second))


def update(link: Link, image: bytes, *, told: Told = silent) -> tuple[Sent, Slots]:
    """Install an application and have it run; what it took, and the slots afterwards.

    The car checks it, restarts, and tries it. Once it answers under the same contract it is confirmed. Raises
    UpdateError when the car went back to what it had, LinkError when it cannot be reached.
    """
    digest = sha256(image).digest()
    before = read_slots(link)
    if before.running != FACTORY and before.has(digest) == before.running:
        return Sent(len(image), 0), before
    sent = put_file(link, image, "", target=Target.APPLICATION, told=told)
    slot = read_slots(link).has(digest)
    if slot is None:
        raise UpdateError("the car has checked the new application and has it in no slot; update it again")
    link.send("reboot")
    _greet_again(link)
    now = read_slots(link)
    if now.running != slot:
        raise UpdateError(
            f"the new application did not start; the car runs {now.named(now.running)} as before. "
            "Its console says why: watch it while you update again"
        )
    link.send("ping")
    _at_last(link, "confirm")
    return sent, read_slots(link)


def _at_last(link: Link, command: str) -> Reply:
    """The reply to a command for which a car with little memory does not always find its pieces."""
    for left in reversed(range(_TRIES)):
        try:
            return link.send(command)
        except CommandRefusedError as refusal:
            if refusal.reply.status is not Status.STORAGE or not left:
                raise
            link.next_rows(_APART_S)
    raise AssertionError("unreachable")


def _greet_again(link: Link) -> None:
    """A session with the car once it is up again."""
    error: LinkError | None = None
    deadline = time.monotonic() + _RESTART_S
    while time.monotonic() < deadline:
        try:
            link.hello(_HELLO_S)
            return
        except LinkError as failure:
            error = failure
    raise UpdateError(
        f"the car did not come back within {_RESTART_S:g} s after its restart; it goes back to what "
        f"it had by itself, a minute after its start at most. ({error})"
    )
