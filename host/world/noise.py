"""Random numbers of one sensor, without a call to the C library."""

from __future__ import annotations

from random import Random


class Noise:
    """A stream of its own: `seed` is the world's, `name` says whose it is.

    Normal noise from Python's `gauss` takes logarithms and cosines, whose last bit differs from one C library
    to the next. The sum of three uniform numbers is bell-shaped as well, exact everywhere, and quicker.
    """

    def __init__(self, seed: int, name: str) -> None:
        self.uniform = Random(f"{seed} {name}").random
        """0 to 1."""

    def bell(self, deviation: float) -> float:
        """About 0, with a standard deviation; never beyond three of them."""
        uniform = self.uniform
        return (uniform() + uniform() + uniform() - 1.5) * 2 * deviation

    def spread(self, most: float) -> float:
        """Even, from -most to most."""
        return (2 * self.uniform() - 1) * most
