"""Medians of three and of five, as networks of comparisons: nothing is sorted, nothing allocated."""


def median3(a, b, c):
    if a > b:
        a, b = b, a
    if c < b:
        return a if c < a else c
    return b


def median5(a, b, c, d, e):
    """Six comparisons."""
    if a > b:
        a, b = b, a
    if c > d:
        c, d = d, c
    if a > c:
        a, c = c, a  # four at once would be a tuple on the heap
        b, d = d, b
    # a is no more than three others, so of the rest the second is wanted; c <= d still holds.
    if b > e:
        b, e = e, b
    if b < c:
        return c if c < e else e
    return b if b < d else d
