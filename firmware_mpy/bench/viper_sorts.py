"""The sorting methods of plain_sorts.py for viper: machine code over 16-bit numbers without a sign.

What ranging sensors and ADCs give has no sign, and viper's ptr16 knows none. The names are those of
plain_sorts.py, which says what each method is.
"""

from array import array

import micropython
from micropython import const

_FEW = const(12)
_GAPS = array("H", (301, 132, 57, 23, 10, 4, 1))


@micropython.viper
def insertion(values: ptr16, size: int):
    end = 1
    while end < size:
        value = values[end]
        at = end
        while at:
            before = values[at - 1]
            if before <= value:
                break
            values[at] = before
            at -= 1
        values[at] = value
        end += 1


@micropython.viper
def binary_insertion(values: ptr16, size: int):
    end = 1
    while end < size:
        value = values[end]
        low = 0
        high = end
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
        end += 1


@micropython.viper
def shell(values: ptr16, size: int):
    gaps = ptr16(_GAPS)
    which = 0
    while which < 7:
        gap = gaps[which]
        end = gap
        while end < size:
            value = values[end]
            at = end
            while at >= gap:
                before = values[at - gap]
                if before <= value:
                    break
                values[at] = before
                at -= gap
            values[at] = value
            end += 1
        which += 1


@micropython.viper
def bubble(values: ptr16, size: int):
    end = size - 1
    while end > 0:
        last = at = 0
        here = values[0]
        while at < end:
            after = values[at + 1]
            if here > after:
                values[at] = after
                values[at + 1] = here
                last = at
            else:
                here = after
            at += 1
        end = last


@micropython.viper
def selection(values: ptr16, size: int):
    start = 0
    while start < size - 1:
        place = start
        least = values[start]
        at = start + 1
        while at < size:
            value = values[at]
            if value < least:
                least = value
                place = at
            at += 1
        values[place] = values[start]
        values[start] = least
        start += 1


@micropython.viper
def heap(values: ptr16, size: int):
    start = size >> 1
    end = size
    while end > 1:
        if start:  # build the heap, from its last parent up
            start -= 1
            value = values[start]
        else:  # take its largest
            end -= 1
            value = values[end]
            values[end] = values[0]
        root = start
        child = 2 * root + 1
        while child < end:
            larger = values[child]
            if child + 1 < end:
                other = values[child + 1]
                if other > larger:
                    larger = other
                    child += 1
            if larger <= value:
                break
            values[root] = larger
            root = child
            child = 2 * root + 1
        values[root] = value


@micropython.viper
def merge(values, size: int):
    scratch = array("H", values)
    source = ptr16(values)
    target = ptr16(scratch)
    in_scratch = 0
    width = 1
    while width < size:
        at = 0
        while at < size:
            left = at
            middle = left + width
            if middle > size:
                middle = size
            end = left + 2 * width
            if end > size:
                end = size
            right = middle
            while left < middle and right < end:
                first = source[left]
                second = source[right]
                if first <= second:
                    target[at] = first
                    left += 1
                else:
                    target[at] = second
                    right += 1
                at += 1
            while left < middle:
                target[at] = source[left]
                left += 1
                at += 1
            while right < end:
                target[at] = source[right]
                right += 1
                at += 1
        other = source
        source = target
        target = other
        in_scratch ^= 1
        width *= 2
    if in_scratch:
        at = 0
        while at < size:
            target[at] = source[at]
            at += 1


@micropython.viper
def quick(values, size: int):
    _quick(values, 0, size - 1)
    insertion(values, size)


@micropython.viper
def _quick(numbers, low: int, high: int):
    values = ptr16(numbers)
    while high - low >= _FEW:
        middle = (low + high) >> 1
        first = values[low]
        pivot = values[middle]
        last = values[high]
        # The median of the three becomes the pivot; the others are left where they are.
        if first > pivot:
            swap = first
            first = pivot
            pivot = swap
        if pivot > last:
            pivot = last if last > first else first
        left = low
        right = high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                swap = values[left]
                values[left] = values[right]
                values[right] = swap
                left += 1
                right -= 1
        if right - low < high - left:
            _quick(numbers, low, right)
            low = left
        else:
            _quick(numbers, left, high)
            high = right


@micropython.viper
def network_5(values: ptr16, size: int):
    a = values[0]
    b = values[1]
    c = values[2]
    d = values[3]
    e = values[4]
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
