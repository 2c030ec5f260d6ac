"""Angles in 1/65536 of a full turn, sines in 1/16384, roots: tables of 65 and straight lines between."""

from array import array

from micropython import const

_QUARTER = const(16384)
_EIGHTH = const(8192)

_SINES = array(
    "H",
    (
        0, 402, 804, 1205, 1606, 2006, 2404, 2801, 3196, 3590, 3981, 4370, 4756, 5139, 5520, 5897, 6270, 6639,
        7005, 7366, 7723, 8076, 8423, 8765, 9102, 9434, 9760, 10080, 10394, 10702, 11003, 11297, 11585, 11866,
        12140, 12406, 12665, 12916, 13160, 13395, 13623, 13842, 14053, 14256, 14449, 14635, 14811, 14978,
        15137, 15286, 15426, 15557, 15679, 15791, 15893, 15986, 16069, 16143, 16207, 16261, 16305, 16340,
        16364, 16379, 16384,
    ),
)  # fmt: skip
_ARCS = array(
    "H",
    (
        0, 163, 326, 489, 651, 813, 975, 1136, 1297, 1457, 1617, 1775, 1933, 2090, 2246, 2401, 2555, 2708,
        2860, 3010, 3159, 3307, 3453, 3599, 3742, 3884, 4025, 4164, 4302, 4438, 4572, 4705, 4836, 4966, 5094,
        5220, 5344, 5467, 5589, 5708, 5826, 5943, 6058, 6171, 6282, 6392, 6500, 6607, 6712, 6815, 6917, 7018,
        7117, 7214, 7310, 7405, 7498, 7589, 7679, 7768, 7856, 7942, 8026, 8110, 8192,
    ),
)  # fmt: skip
"""Angles whose tangents are so many 64ths."""


def wrapped(angle):
    """The same direction in -32768..32767."""
    return (angle + 0x8000 & 0xFFFF) - 0x8000


def sine(angle):
    """Within 3 of 16384."""
    angle &= 0xFFFF
    if angle & 0x4000:
        value = _quarter_sine(2 * _QUARTER - (angle & 0x7FFF))
    else:
        value = _quarter_sine(angle & 0x7FFF)
    return -value if angle & 0x8000 else value


def cosine(angle):
    return sine(angle + _QUARTER)


def _quarter_sine(angle):
    place = angle >> 8
    low = _SINES[place]
    rest = angle & 0xFF
    if not rest:
        return low
    return low + ((_SINES[place + 1] - low) * rest + 128 >> 8)


def direction(x, y):
    """atan2(y, x), within 2 of 65536; 0 for no direction at all. Lengths below 2**29."""
    across, up = abs(x), abs(y)
    while across > 0xFFFF or up > 0xFFFF:
        across >>= 1
        up >>= 1
    if up > across:
        angle = _QUARTER - _eighth(across, up)
    elif across:
        angle = _eighth(up, across)
    else:
        return 0
    if x < 0:
        angle = 2 * _QUARTER - angle
    return angle if y >= 0 else -angle


def _eighth(low, high):
    ratio = (low << 14) // high
    place = ratio >> 8
    arc = _ARCS[place]
    rest = ratio & 0xFF
    if not rest:
        return arc
    return arc + ((_ARCS[place + 1] - arc) * rest + 128 >> 8)


def root(square):
    """The integer square root, rounded down. Squares below 2**30."""
    if square <= 0:
        return 0
    guess, rest = 1, square
    while rest:
        rest >>= 2
        guess <<= 1
    while True:
        better = guess + square // guess >> 1
        if better >= guess:
            return guess
        guess = better


def hypotenuse(x, y):
    """The length of (x, y): rounded down up to 16383 in each, then within its 8192nd part."""
    x, y, shift = abs(x), abs(y), 0
    while x > 0x3FFF or y > 0x3FFF:
        x >>= 1
        y >>= 1
        shift += 1
    return root(x * x + y * y) << shift
