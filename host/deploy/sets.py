"""What a deploy may leave out: sets of the application's files, each with the contract that goes with it.

A set is for boards with less room. Files that are left out save flash; the smaller contract saves memory, of
which an application that runs from a file system has less than one in ROM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from protocol.contract import CAR_FILE, DRIVE_FILE


@dataclass(frozen=True)
class DeploySet:
    """`leaves_out`: how names of files begin that stay at home. The firmware takes their absence well."""

    what: str
    contract_file: Path
    leaves_out: tuple[str, ...] = ()

    def of(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """The files of the set, of all that there are."""
        return {name: content for name, content in files.items() if not name.startswith(self.leaves_out)}


SETS = {
    "patrol": DeploySet("all of it", CAR_FILE),
    "drive": DeploySet(
        "drives and reports, without patrol and speed control, in fewer channels", DRIVE_FILE,
        ("patrol/control/", "patrol/drivers/", "patrol/pilot"),
    ),
}
DEFAULT = "patrol"
