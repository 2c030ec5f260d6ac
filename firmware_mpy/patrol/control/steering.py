"""What route, obstacles and modes share: turning by an error of the heading, and slowing down."""

from micropython import const

from patrol.control import geometry
from patrol.control import parameters as names
from patrol.control.trigonometry import root

_FULL_WITHIN = const(8 * 182)
_NONE_BEYOND = const(35 * 182)
_FAR_MM = const(32767)


def across_for(error, parameters):
    """How the wheels' speeds should differ from the car's, to turn by so much."""
    limit = parameters[names.ACROSS_LIMIT]
    return max(-limit, min(error * parameters[names.HEADING_GAIN] >> 12, limit))


def slowed(speed, error):
    """The speed while the car still has to turn by so much; 0 is a turn on the spot."""
    error = abs(error)
    if error <= _FULL_WITHIN:
        return speed
    if error >= _NONE_BEYOND:
        return 0
    return speed * (_NONE_BEYOND - error) // (_NONE_BEYOND - _FULL_WITHIN)


def braking(way_mm, end_speed, parameters):
    """The highest speed from which the car is down to `end_speed` in so many mm."""
    if way_mm <= 0:
        return end_speed
    gained = 2 * parameters[names.DECELERATION] * min(way_mm, _FAR_MM)
    return root(end_speed * end_speed + gained)


def near(value):
    """A difference of coordinates, held to what the products of the route allow."""
    return max(-2 * geometry.ARENA_MM, min(value, 2 * geometry.ARENA_MM))
