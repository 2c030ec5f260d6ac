"""Which of the firmware's files go onto a board, by how much room it has: chosen here, for all who build.

A set is the application with files left out, each with the contract that goes with it. The firmware takes
their absence well: commands for what is not there are refused. A file that is new is in every set until it
is named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from protocol.contract import BASE_FILE, CAR_FILE, DRIVE_FILE

Content = TypeVar("Content")

_CONTROL = ("patrol/control/", "patrol/drivers/", "patrol/pilot")
_TRANSFER = (
    "patrol/files", "patrol/outgoing", "patrol/storage", "patrol/block", "patrol/thumb_blocks", "update/",
)
_MEASURING = ("patrol/profile", "patrol/cycles")
_PAIRING = ("patrol/pairing", "patrol/sha256")
_SENSOR_LOG = ("patrol/sensors",)


@dataclass(frozen=True)
class ApplicationSet:
    """`leaves_out`: how names of files begin that stay at home.

    A `trimmed` set has but the code that it runs, without line numbers: see trim.py.
    """

    what: str
    contract_file: Path
    leaves_out: tuple[str, ...] = ()
    trimmed: bool = False

    @property
    def has_slots(self) -> bool:
        """Whether a start chooses between applications."""
        return not "update/".startswith(self.leaves_out)

    def of(self, files: Mapping[str, Content]) -> dict[str, Content]:
        """The files of the set, of all that there are."""
        return {name: content for name, content in files.items() if not name.startswith(self.leaves_out)}


SETS = {
    "patrol": ApplicationSet("all of it", CAR_FILE),
    "drive": ApplicationSet(
        "drives and reports, without patrol and speed control, in fewer channels", DRIVE_FILE, _CONTROL,
        trimmed=True,
    ),
    "small": ApplicationSet(
        "eight channels; no files, updates, pairing, sensor log and profile either", BASE_FILE,
        _CONTROL + _TRANSFER + _MEASURING + _PAIRING + _SENSOR_LOG,
        trimmed=True,
    ),
}
DEFAULT = "patrol"


@dataclass(frozen=True)
class OfficialBoard:
    """A board of MicroPython's stm32 port, by the name of its folder there.

    `pins` is its module in firmware_mpy/patrol/boards. `flash_bytes` is the size of its file system, a FAT;
    `heap_bytes` is what the linker leaves MicroPython. docs/hardware.md says how they come about.
    """

    pins: str
    set_name: str
    flash_bytes: int
    heap_bytes: int
    contract_file: Path = BASE_FILE

    @property
    def file_bytes(self) -> int:
        """For files, in blocks of 512: the rest are boot block, table, and a root folder of 512 entries."""
        return self.flash_bytes - (1 + 1 + 32) * 512

    @property
    def files(self) -> ApplicationSet:
        """What goes onto it."""
        return SETS[self.set_name]


OFFICIAL_BOARDS = {
    "NUCLEO_F411RE": OfficialBoard("nucleo_f411re", "small", flash_bytes=64 * 1024, heap_bytes=94_396),
    "PYBV11": OfficialBoard("f405", "drive", flash_bytes=112 * 1024, heap_bytes=105_632),
}
