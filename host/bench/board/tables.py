"""What a run found, as tables: instructions and bytes of heap, methods one below the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from host.bench.board.inputs import INPUTS_BY_SIZE, ORDERS
from host.bench.board.run import Cost, Findings

MEDIAN = "median of "
"""What names of ways to a median begin with."""
LARGEST = max(INPUTS_BY_SIZE)
_QUICK = ("viper", "built-in")
"""Variants that compete: the others are never quicker, and stand in the first table."""


@dataclass(frozen=True)
class Table:
    """A title, headings, and rows whose first cell is a name."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """The table without its title."""
        rule = ["---", *["--:"] * (len(self.headings) - 1)]
        return "\n".join(f"| {' | '.join(row)} |" for row in [self.headings, rule, *self.rows])


def tables(findings: Findings) -> dict[str, Table]:
    """All tables that have rows, by a short name."""
    by_section: dict[str, list[Cost]] = {}
    for cost in findings.costs:
        section = "medians" if cost.method.startswith(MEDIAN) else cost.section
        by_section.setdefault(section, []).append(cost)
    sorting = by_section.get("sorting", [])
    found = {
        "sizes": _sizes(sorting),
        "orders": _orders(sorting),
        "winners": _winners(sorting),
        "medians": _medians(by_section.get("medians", [])),
        "decoders": _per_byte("decoders: instructions a byte of content", by_section.get("decoders", [])),
        "control": _whole("control: instructions each time", by_section.get("control", [])),
        "checksums": _per_byte("checksums: instructions a byte", by_section.get("checksums", [])),
    }
    return {name: table for name, table in found.items() if table.rows}


def winner(costs: Iterable[Cost], size: int, orders: Sequence[str]) -> Cost | None:
    """The method for a size whose worst mean over these orders is the lowest."""
    worst: dict[str, Cost] = {}
    for cost in costs:
        if cost.size == size and cost.case in orders and not cost.method.startswith(MEDIAN):
            known = worst.get(cost.name)
            worst[cost.name] = cost if known is None or cost.mean > known.mean else known
    return min(worst.values(), key=lambda cost: cost.mean, default=None)


def _sizes(costs: Sequence[Cost]) -> Table:
    sizes = sorted({cost.size for cost in costs})
    random = {(cost.name, cost.size): cost for cost in costs if cost.case == ORDERS[0]}
    rows = []
    for name in dict.fromkeys(name for name, _ in random):
        largest = random[name, max(size for each, size in random if each == name)]
        cells = [_short(random[name, size].mean) if (name, size) in random else "" for size in sizes]
        rows.append([name, *cells, _heap(largest)])
    return Table("sorting numbers in random order: instructions", ["numbers", *map(str, sizes), "heap"], rows)


def _orders(costs: Sequence[Cost]) -> Table:
    found = {(c.name, c.case): c.mean for c in costs if c.size == LARGEST and c.variant in _QUICK}
    rows = [
        [name, *(_short(found[name, order]) for order in ORDERS)]
        for name in dict.fromkeys(name for name, _ in found)
    ]
    return Table(f"sorting {LARGEST} numbers: instructions", ["order", *ORDERS], rows)


def _winners(costs: Sequence[Cost]) -> Table:
    rows = []
    for size in sorted({cost.size for cost in costs}):
        best = [winner(costs, size, [order]) for order in ORDERS]
        whatever = winner(costs, size, ORDERS)
        rows.append([str(size), *(_won(cost) for cost in best), _won(whatever)])
    headings = ["numbers", *ORDERS, "at its worst order"]
    return Table("sorting: fewest instructions, viper or built-in", headings, rows)


def _won(cost: Cost | None) -> str:
    if cost is None:
        return ""
    name = cost.method if cost.variant in _QUICK else cost.name
    return f"{name} {_short(cost.mean)}"


def _short(instructions: float) -> str:
    """Four digits at most, or three with a unit."""
    if instructions < 10_000:
        return f"{instructions:,.0f}"
    return f"{instructions / 1e3:,.3g} k" if instructions < 999_500 else f"{instructions / 1e6:,.3g} M"


def _medians(costs: Sequence[Cost]) -> Table:
    rows = [
        [cost.name.removeprefix(MEDIAN), f"{cost.mean:,.0f}", f"{max(cost.instructions):,}", _heap(cost)]
        for cost in costs
    ]
    headings = ["median of", "mean over all orders", "most", "heap"]
    return Table("medians: instructions", headings, rows)


def _per_byte(title: str, costs: Sequence[Cost]) -> Table:
    cases = list(dict.fromkeys(cost.case for cost in costs))
    by_name: dict[str, dict[str, Cost]] = {}
    for cost in costs:
        by_name.setdefault(cost.name, {})[cost.case] = cost
    rows = [
        [name, *(_each(found, case) for case in cases), _heap(_greediest(found))]
        for name, found in by_name.items()
    ]
    return Table(title, ["", *cases, "heap"], rows)


def _whole(title: str, costs: Sequence[Cost]) -> Table:
    """What is done once each time, by what the car is at: the mean, and the most that it took."""
    cases = list(dict.fromkeys(cost.case for cost in costs))
    by_name: dict[str, dict[str, Cost]] = {}
    for cost in costs:
        by_name.setdefault(cost.method, {})[cost.case] = cost
    rows = [
        [name, *(f"{found[case].mean:,.0f}" for case in cases), f"{_most(found):,}", _heap(_greediest(found))]
        for name, found in by_name.items()
    ]
    return Table(title, ["", *cases, "most", "heap"], rows)


def _most(found: Mapping[str, Cost]) -> int:
    return max(max(cost.instructions) for cost in found.values())


def _each(found: Mapping[str, Cost], case: str) -> str:
    return f"{found[case].mean / found[case].size:,.1f}" if case in found else ""


def _greediest(found: Mapping[str, Cost]) -> Cost:
    return max(found.values(), key=lambda cost: float("inf") if cost.heap_bytes is None else cost.heap_bytes)


def _heap(cost: Cost) -> str:
    return "all" if cost.heap_bytes is None else f"{cost.heap_bytes:,}"
