"""Sorts by every method there is, on MicroPython's unix port: a JSON object a line in and out.

{"values": [...]} is sorted by each; {"median": [...]} of three or five numbers is found in each way. The
answer is a list of [name, variant, result].
"""

import json
import sys

from bench import sorting


def sorted_by_each(values):
    told = []
    for name, key, only, make in sorting.METHODS:
        for variant, sort in sorting.variants_of(key):
            if only in (0, len(values)):
                numbers = make(values)
                sort(numbers, len(values))
                told.append([name, variant, list(numbers)])
    return told


def medians_of(values):
    numbers = sorting._numbers(values)
    return [
        [name, variant, median(numbers, size)]
        for name, key, size in sorting.MEDIANS
        if size == len(values)
        for variant, median in sorting.medians_of(key)
    ]


print("serving")
while line := sys.stdin.readline():
    request = json.loads(line)
    if "median" in request:
        print(json.dumps(medians_of(request["median"])))
    else:
        print(json.dumps(sorted_by_each(request["values"])))
