"""The median of three and of five numbers, which a ranging sensor's filter takes of its last echoes.

Each is a function of an array of so many 16-bit numbers, which it leaves as they are, and of their count, as
sorting methods are; it answers the median. The host compiles the plain ones a second time as native code, as
bench/native_medians.py.
"""

from array import array

import micropython

from bench import viper_sorts

_scratch = array("H", 5 * (0,))


def by_sorted_3(values, size):
    """What one writes first."""
    return sorted(values)[1]


def by_comparisons_3(values, size):
    """Two or three, as the car's filter does it (patrol/control/median.py)."""
    a, b, c = values
    if a > b:
        a, b = b, a
    if c < b:
        return a if c < a else c
    return b


@micropython.viper
def by_comparisons_3_viper(values: ptr16, size: int) -> int:
    a = values[0]
    b = values[1]
    c = values[2]
    if a > b:
        a, b = b, a
    if c < b:
        return a if c < a else c
    return b


def by_sorted(values, size):
    """What one writes first."""
    return sorted(values)[2]


def by_insertion(values, size):
    """Straight insertion into a scratch array (Knuth, volume 3, 5.2.1)."""
    sorted_so_far = _scratch
    for end in range(5):
        value = values[end]
        at = end
        while at and sorted_so_far[at - 1] > value:
            sorted_so_far[at] = sorted_so_far[at - 1]
            at -= 1
        sorted_so_far[at] = value
    return sorted_so_far[2]


def by_network(values, size):
    """Seven comparisons, which put no more than the median in its place (Devillard, Fast median search)."""
    a, b, c, d, e = values
    if a > b:
        a, b = b, a
    if d > e:
        d, e = e, d
    if a > d:
        d = a
    if b > e:
        b = e
    if b > c:
        b, c = c, b
    if c > d:
        c = d
    return b if b > c else c


@micropython.viper
def by_insertion_viper(values: ptr16, size: int) -> int:
    sorted_so_far = ptr16(_scratch)
    end = 0
    while end < 5:
        value = values[end]
        at = end
        while at:
            before = sorted_so_far[at - 1]
            if before <= value:
                break
            sorted_so_far[at] = before
            at -= 1
        sorted_so_far[at] = value
        end += 1
    return sorted_so_far[2]


@micropython.viper
def by_network_viper(values: ptr16, size: int) -> int:
    a = values[0]
    b = values[1]
    d = values[3]
    e = values[4]
    if a > b:
        a, b = b, a
    if d > e:
        d, e = e, d
    if a > d:
        d = a
    if b > e:
        b = e
    c = values[2]
    if b > c:
        b, c = c, b
    if c > d:
        c = d
    return b if b > c else c


def by_sorting_network_viper(values, size):
    """All five sorted by the network of nine, in a copy."""
    scratch = _scratch
    scratch[:] = values
    viper_sorts.network_5(scratch, 5)
    return scratch[2]
