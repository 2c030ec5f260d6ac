"""What a deploy has to do: which files to copy, and which of an earlier one to remove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

MANIFEST = "patrol.deployed"
"""Names of all that was deployed, a line each. Files whose names begin so are out of the link's reach.

It is believed in one thing: which files are ours to remove. What a file holds, the board is asked.
"""
STARTER = "main.py"
"""What the board runs. It goes first and comes last, so that no half of an application is ever started."""

KEPT_STARTER = "main.before.py"
"""What becomes of a main.py that somebody else put there."""


@dataclass(frozen=True)
class OnBoard:
    """A file on the board."""

    size: int
    digest: str


@dataclass(frozen=True)
class Plan:
    """Names in the order in which to do it. `manifest` is what the board's has to say at the end."""

    copy: tuple[str, ...]
    remove: tuple[str, ...]
    unchanged: tuple[str, ...]
    manifest: bytes

    @property
    def is_empty(self) -> bool:
        """Whether the board has it all already."""
        return not self.copy and not self.remove


def plan_of(files: Mapping[str, bytes], there: Mapping[str, OnBoard], deployed: bytes) -> Plan:
    """What to do to a board that has the files `there` and the manifest `deployed` (b"" for none)."""
    changed = {name for name, content in files.items() if not _is_same(content, there.get(name))}
    old = [name for name in names_in(deployed) if name not in files and name in there]
    if changed or old:
        changed |= {STARTER} & set(files)
    return Plan(
        tuple(sorted(changed, key=lambda name: (name == STARTER, name))),
        tuple(old),
        tuple(sorted(set(files) - changed)),
        manifest_of(files),
    )


def names_in(manifest: bytes) -> list[str]:
    """The names in a manifest that a deploy could have written; it may have been damaged, or made up."""
    lines = manifest.decode("utf-8", "replace").splitlines()
    return sorted({line for line in lines if _is_ours(line)})


def manifest_of(names: Mapping[str, bytes]) -> bytes:
    """A manifest of these names."""
    return "".join(f"{name}\n" for name in sorted(names)).encode()


def room_needed(plan: Plan, files: Mapping[str, bytes], there: Mapping[str, OnBoard], block: int) -> int:
    """Bytes that have to be free for it: all new ones less all old, and the largest twice for a moment."""
    new = [_rounded(len(files[name]), block) for name in plan.copy]
    old = [_rounded(there[name].size, block) for name in (*plan.copy, *plan.remove) if name in there]
    return sum(new) - sum(old) + max(new, default=0)


def _is_same(content: bytes, file: OnBoard | None) -> bool:
    return file is not None and (file.size, file.digest) == (len(content), sha256(content).hexdigest())


def _is_ours(name: str) -> bool:
    """Whether it is a plain name of a module, in a folder or in the root."""
    path = PurePosixPath(name)
    return (
        path.suffix in (".py", ".mpy") and not path.is_absolute() and ".." not in path.parts
        and path.as_posix() == name
    )


def _rounded(size: int, block: int) -> int:
    return -(-size // block) * block
