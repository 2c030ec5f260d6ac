"""The sorting methods that `host bench board` measures, each held against the built-in sort.

To add one: write a function of (values, size) in plain_sorts.py, in viper_sorts.py if it pays, and put a line
into METHODS. Inputs are made by the host and lie in the ROM: see host/bench/board/inputs.py.
"""

from array import array

from bench import medians, plain_sorts, viper_sorts
from bench.measure import case_of, measured

try:  # written by the host, from plain_sorts.py and medians.py
    from bench import native_medians, native_plain_sorts
except ImportError:
    native_medians = native_plain_sorts = None

INPUTS = "/rom/bench/inputs.bin"
_ORDERS = ("random", "sorted", "reversed", "nearly sorted", "few distinct")
_ANY = 0


def _numbers(values):
    return array("H", values)


# name; its name in plain_sorts and in viper_sorts; the one size that it sorts, or any; what holds its numbers
METHODS = (
    ("insertion", "insertion", _ANY, _numbers),
    ("binary insertion", "binary_insertion", _ANY, _numbers),
    ("Shell", "shell", _ANY, _numbers),
    ("bubble", "bubble", _ANY, _numbers),
    ("selection", "selection", _ANY, _numbers),
    ("heap", "heap", _ANY, _numbers),
    ("merge", "merge", _ANY, _numbers),
    ("quick", "quick", _ANY, _numbers),
    ("network of 5", "network_5", 5, _numbers),
    ("sorted", "built_in_sorted", _ANY, _numbers),
    ("list.sort", "built_in_list_sort", _ANY, list),
)
MEDIANS = (
    ("median of 3: sorted()[1]", "by_sorted_3", 3),
    ("median of 3: comparisons", "by_comparisons_3", 3),
    ("median of 5: sorted()[2]", "by_sorted", 5),
    ("median of 5: insertion", "by_insertion", 5),
    ("median of 5: network of 7", "by_network", 5),
    ("median of 5: sorting network of 9", "by_sorting_network", 5),
)


def variants_of(function_name):
    """(variant, function) of a method, as many as there are; built-in code is the same in all of them."""
    plain = getattr(plain_sorts, function_name)
    if function_name.startswith("built_in"):
        return [("built-in", plain)]
    native = getattr(native_plain_sorts, function_name, None)
    viper = getattr(viper_sorts, function_name, None)
    found = (("plain", plain), ("native", native), ("viper", viper))
    return [(variant, function) for variant, function in found if function]


def medians_of(function_name):
    """(variant, function) of a way to the median."""
    if function_name.startswith("by_sorted"):
        return [("built-in", getattr(medians, function_name))]
    plain = getattr(medians, function_name, None)
    native = getattr(native_medians, function_name, None) if plain else None
    viper = getattr(medians, function_name + "_viper", None)
    found = (("plain", plain), ("native", native), ("viper", viper))
    return [(variant, function) for variant, function in found if function]


def names():
    """[name, variant] of all that can be run."""
    sorts = [[name, variant] for name, key, _, _ in METHODS for variant, _ in variants_of(key)]
    return sorts + [[name, variant] for name, key, _ in MEDIANS for variant, _ in medians_of(key)]


def run(name, variant, tell):
    """Measure one of `names`, and tell of each size and order."""
    for method, key, only, make in METHODS:
        if method == name:
            sort = dict(variants_of(key))[variant]
            for size, order, inputs in stored_inputs():
                if only in (_ANY, size):
                    tell(_sorted_case(sort, size, order, inputs, make))
    for method, key, size in MEDIANS:
        if method == name:
            tell(_median_case(dict(medians_of(key))[variant], size))


def stored_inputs(path=INPUTS):
    """(size, order, arrays) of all inputs of the host's. A record: order, how many, size, the numbers."""
    with open(path, "rb") as file:
        while head := file.read(4):
            size = head[2] | head[3] << 8
            inputs = [array("H", bytes(2 * size)) for _ in range(head[1])]
            for values in inputs:
                file.readinto(values)
            yield size, _ORDERS[head[0]], inputs


def _sorted_case(sort, size, order, inputs, make):
    case = case_of(order, size)
    sort(make(inputs[0]), size)  # so that MicroPython's look-up cache knows the names
    for values in inputs:
        numbers = make(values)
        measured(case, sort, numbers, size)
        if list(numbers) != sorted(values):
            case["wrong"] = "not sorted: {}".format(list(values)[:16])
            break
    return case


def _median_case(median, size):
    """Over all orders of so many different numbers, so that mean and maximum are exact."""
    case = case_of("all orders", size)
    median(_numbers(range(size)), size)
    for order in _permutations((11, 22, 33, 44, 65_535)[:size]):
        values = _numbers(order)
        found = measured(case, median, values, size)
        if found != sorted(order)[size // 2] or list(values) != order:
            case["wrong"] = "{} is no median of {}".format(found, order)
            break
    return case


def _permutations(values):
    if not values:
        yield []
    for at in range(len(values)):
        for rest in _permutations(values[:at] + values[at + 1 :]):
            yield [values[at]] + rest
