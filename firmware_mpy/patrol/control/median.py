"""The median of three echoes: two or three comparisons, nothing sorted, nothing allocated."""

import micropython


def median3_plain(values, at):
    """Of values[at] and the two after it."""
    a, b, c = values[at], values[at + 1], values[at + 2]
    if a > b:
        a, b = b, a
    if c < b:
        return a if c < a else c
    return b


@micropython.viper
def median3_viper(values: ptr32, at: int) -> int:
    a = values[at]
    b = values[at + 1]
    c = values[at + 2]
    if a > b:
        a, b = b, a
    if c < b:
        return a if c < a else c
    return b


median3 = median3_viper
