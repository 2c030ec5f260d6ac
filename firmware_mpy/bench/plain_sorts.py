"""Sorting methods in plain Python: each sorts all of an array of 16-bit numbers, `values[:size]`, in place.

Sections are of Knuth, The Art of Computer Programming, volume 3, second edition. The host compiles this
module a second time with every function native, as bench/native_plain_sorts.py.
"""

from array import array

from micropython import const

_FEW = const(12)
"""At so many numbers and fewer, quicksort leaves off and insertion is quicker (Sedgewick 1978)."""
GAPS = (301, 132, 57, 23, 10, 4, 1)
"""Shell's increments as Ciura found them (FCT 2001)."""


def insertion(values, size):
    """Straight insertion (5.2.1)."""
    for end in range(1, size):
        value = values[end]
        at = end
        while at and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


def binary_insertion(values, size):
    """Insertion whose place is found by halving (5.2.1)."""
    for end in range(1, size):
        value = values[end]
        low, high = 0, end
        while low < high:
            middle = (low + high) >> 1
            if values[middle] > value:
                high = middle
            else:
                low = middle + 1
        at = end
        while at > low:
            values[at] = values[at - 1]
            at -= 1
        values[low] = value


def shell(values, size):
    """Diminishing increments (5.2.1)."""
    for gap in GAPS:
        for end in range(gap, size):
            value = values[end]
            at = end
            while at >= gap and values[at - gap] > value:
                values[at] = values[at - gap]
                at -= gap
            values[at] = value


def bubble(values, size):
    """Bubble sort that goes no further than the last exchange (5.2.2)."""
    end = size - 1
    while end > 0:
        last = 0
        for at in range(end):
            if values[at] > values[at + 1]:
                values[at], values[at + 1] = values[at + 1], values[at]
                last = at
        end = last


def selection(values, size):
    """Straight selection (5.2.3)."""
    for start in range(size - 1):
        least = start
        for at in range(start + 1, size):
            if values[at] < values[least]:
                least = at
        values[start], values[least] = values[least], values[start]


def heap(values, size):
    """Heapsort (5.2.3)."""
    for root in range((size >> 1) - 1, -1, -1):
        _sift(values, root, size)
    for end in range(size - 1, 0, -1):
        values[0], values[end] = values[end], values[0]
        _sift(values, 0, end)


def _sift(values, root, end):
    value = values[root]
    child = 2 * root + 1
    while child < end:
        if child + 1 < end and values[child + 1] > values[child]:
            child += 1
        if values[child] <= value:
            break
        values[root] = values[child]
        root = child
        child = 2 * root + 1
    values[root] = value


def merge(values, size):
    """Straight two-way merging from the bottom up (5.2.4); allocates two bytes a number, and the array."""
    source, target = values, array("H", values)
    width = 1
    while width < size:
        for start in range(0, size, 2 * width):
            _merge(source, target, start, min(start + width, size), min(start + 2 * width, size))
        source, target = target, source
        width *= 2
    if source is not values:
        values[:] = source


def _merge(source, target, left, middle, end):
    right = middle
    for at in range(left, end):
        if left < middle and (right >= end or source[left] <= source[right]):
            target[at] = source[left]
            left += 1
        else:
            target[at] = source[right]
            right += 1


def quick(values, size):
    """Quicksort, the median of three as its pivot (5.2.2), and straight insertion at the end."""
    _quick(values, 0, size - 1)
    insertion(values, size)


def _quick(values, low, high):
    while high - low >= _FEW:
        middle = (low + high) >> 1
        if values[middle] < values[low]:
            values[middle], values[low] = values[low], values[middle]
        if values[high] < values[low]:
            values[high], values[low] = values[low], values[high]
        if values[high] < values[middle]:
            values[high], values[middle] = values[middle], values[high]
        pivot = values[middle]
        left, right = low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        # Recurse into the smaller part, so that the stack stays as deep as a logarithm.
        if right - low < high - left:
            _quick(values, low, right)
            low = left
        else:
            _quick(values, left, high)
            high = right


def network_5(values, size):
    """Nine comparators for exactly five, the fewest there can be (5.3.4), always the same ones."""
    a, b, c, d, e = values
    if a > b:
        a, b = b, a
    if d > e:
        d, e = e, d
    if c > e:
        c, e = e, c
    if c > d:
        c, d = d, c
    if b > e:
        b, e = e, b
    if a > d:
        a, d = d, a
    if a > c:
        a, c = c, a
    if b > d:
        b, d = d, b
    if b > c:
        b, c = c, b
    values[0] = a
    values[1] = b
    values[2] = c
    values[3] = d
    values[4] = e


def built_in_sorted(values, size):
    """`sorted`, whose list is copied back into the array."""
    values[:] = array("H", sorted(values))


def built_in_list_sort(values, size):
    """`list.sort`, for a program that keeps its numbers in a list; an array has no such method."""
    values.sort()
