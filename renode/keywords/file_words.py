"""Words for files on the car."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

from car_words import Words
from robot.api.deco import keyword

from host.transfer import get_file, put_file
from host.transfer.get import list_folder, remove
from protocol.messages import Status


class FileWords(Words):
    """Contents are made up from a number, so that a file can be told from another."""

    @keyword("File ${name} With ${size:\\d+} Bytes Of Content ${seed:\\d+} Goes To The Car")
    def file_goes_to_the_car(self, name: str, size: int, seed: int) -> None:
        """Returns once the car has checked it."""
        put_file(self.link, Random(seed).randbytes(size), name)

    @keyword("File ${name} Comes Back With ${size:\\d+} Bytes Of Content ${seed:\\d+}")
    def file_comes_back(self, name: str, size: int, seed: int) -> None:
        """Byte for byte."""
        with tempfile.TemporaryDirectory(prefix="patrol-robot-") as folder:
            target = Path(folder) / "file"
            get_file(self.link, name, target)
            content = target.read_bytes()
        assert content == Random(seed).randbytes(size), f"{len(content)} other bytes came"

    @keyword("The Car Has File ${name} Of ${size:\\d+} Bytes")
    def the_car_has_file(self, name: str, size: int) -> None:
        """By its list of the folder."""
        folder, _, last = name.rpartition("/")
        found = {entry.name: entry.size for entry in list_folder(self.link, folder) if not entry.is_folder}
        assert found.get(last) == size, f"it has {found}"

    @keyword("The Car Has No File ${name}")
    def the_car_has_no_file(self, name: str) -> None:
        """Neither in its list nor when it is asked for."""
        names = [entry.name for entry in list_folder(self.link)]
        assert name not in names, f"it has {names}"
        status = self.refusal("file", {"name": name})
        assert status is Status.NO_FILE, f"refused with {status.name}"

    @keyword("File ${name} Is Removed")
    def file_is_removed(self, name: str) -> None:
        """The car must have had it."""
        remove(self.link, name)

    @keyword("The Car Keeps ${name} To Itself")
    def the_car_keeps_to_itself(self, name: str) -> None:
        """It neither gives nor removes it."""
        for command in ("file", "remove"):
            status = self.refusal(command, {"name": name})
            assert status is Status.FORBIDDEN, f"{command} was refused with {status.name}"
