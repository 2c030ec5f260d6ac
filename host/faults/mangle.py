"""What a noisy line does to a chunk's bytes."""

from __future__ import annotations

import math
from random import Random

from host.faults.faults import Faults

Slots = list[int | None]
"""What stands in each byte's time on the line: a byte, or None where it was lost."""


class Gaps:
    """Trials until the next event of some probability: a random number an event, not one a trial."""

    def __init__(self, random: Random, probability: float) -> None:
        self._random = random
        self._probability = probability
        self._left = self._drawn()

    def hits(self, trials: int) -> list[int]:
        """Which of the next so many trials are events."""
        hits = []
        while self._left < trials:
            hits.append(int(self._left))
            self._left += 1 + self._drawn()
        self._left -= trials
        return hits

    def _drawn(self) -> float:
        if self._probability <= 0:
            return math.inf
        if self._probability >= 1:
            return 0
        return math.floor(math.log(1 - self._random.random()) / math.log1p(-self._probability))


class Noise:
    """Flips, drops and insertions of one direction."""

    def __init__(self, faults: Faults, random: Random) -> None:
        self._random = random
        self._flips = Gaps(random, faults.bit_errors)
        self._drops = Gaps(random, faults.drop)
        self._inserts = Gaps(random, faults.insert)
        self.flipped_bits = self.dropped_bytes = self.inserted_bytes = 0

    def on_line(self, data: bytes) -> Slots:
        """What of the chunk is on the line, noise among it."""
        slots: Slots = list(data)
        for place in self._drops.hits(len(data)):
            slots[place] = None
            self.dropped_bytes += 1
        for place in reversed(self._inserts.hits(len(data))):
            slots.insert(place, self._random.randrange(256))
            self.inserted_bytes += 1
        for bit in self._flips.hits(8 * len(slots)):
            byte = slots[bit >> 3]
            if byte is not None:  # a lost byte has no bits to flip
                slots[bit >> 3] = byte ^ (1 << (bit & 7))
                self.flipped_bits += 1
        return slots
