"""Reads Renode's files as far as the tests need: what stands where, and what is wired to what."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLATFORM = ROOT / "renode" / "patrol_car.repl"

SIZES = {
    "Analog.STM32_ADC": 0x50,
    "IRQControllers.NVIC": 0x1000,
    "IRQControllers.STM32F4_EXTI": 0x400,
    "Miscellaneous.STM32F4_RCC": 0x400,
    "Timers.STM32F4_RTC": 0x400,
    "Timers.STM32_Timer": 0x400,
}
"""Bytes of the models that know their own size."""

_HEAD = re.compile(r"^(\w+): ([\w.]+) @ (\w+)(?: (.+))?$")
_RANGE = re.compile(r"<(0x[0-9A-Fa-f]+), \+(0x[0-9A-Fa-f]+)>")


@dataclass
class Peripheral:
    """One entry of a platform; `wires` has (source, target) as they are written."""

    name: str
    model: str
    parent: str
    place: str
    settings: dict[str, str] = field(default_factory=dict)
    wires: list[tuple[str, str]] = field(default_factory=list)

    @property
    def addresses(self) -> range:
        """The bytes on the bus that it answers to; none for what is no memory."""
        if self.parent != "sysbus" or not self.place:
            return range(0)
        if found := _RANGE.fullmatch(self.place):
            start, size = (int(number, 16) for number in found.groups())
        else:
            start = int(self.place, 16)
            size = int(self.settings["size"], 16) if "size" in self.settings else SIZES[self.model]
        return range(start, start + size)

    @property
    def interrupts(self) -> list[int]:
        """Numbers of the interrupts that it raises."""
        numbers = []
        for _, target in self.wires:
            if found := re.fullmatch(r"nvic@(?:(\d+)|\[(\d+)-(\d+)\])", target):
                one, first, last = found.groups()
                numbers += [int(one)] if one else list(range(int(first), int(last) + 1))
        return numbers


def load_platform(path: Path = PLATFORM) -> dict[str, Peripheral]:
    """Its peripherals by name; a line that is not understood fails."""
    peripherals: dict[str, Peripheral] = {}
    current: Peripheral | None = None
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.partition("//")[0].rstrip()
        if not text:
            continue
        if not text.startswith(" "):
            head = _HEAD.fullmatch(text)
            assert head, f"not understood: {line}"
            name, model, parent, place = head.groups()
            assert name not in peripherals, f"{name} is there twice"
            current = peripherals[name] = Peripheral(name, model, parent, place or "")
        elif "->" in text:
            source, _, targets = text.partition("->")
            assert current is not None
            current.wires += [(source.strip(), target.strip()) for target in targets.split("|")]
        else:
            key, _, value = text.strip().partition(": ")
            assert current is not None
            assert value, f"not understood: {line}"
            current.settings[key] = value
    return peripherals
