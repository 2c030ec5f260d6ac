"""One lap of a closed line, told from where the car really is."""

from __future__ import annotations

from host.world.world import World

_BACK_MM = 150
_AWAY_MM = 800
"""A lap is done when the car was as far from its start, and is as near to it again."""


class Lap:
    """From where the car is when this is made."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._start = world.pose
        self._was_away = False

    def is_done(self) -> bool:
        """Asked now and then on the way."""
        pose = self._world.pose
        away = ((pose.x_mm - self._start.x_mm) ** 2 + (pose.y_mm - self._start.y_mm) ** 2) ** 0.5
        self._was_away = self._was_away or away > _AWAY_MM
        return bool(self._was_away and away < _BACK_MM)
