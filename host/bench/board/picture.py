"""The picture of the sorting methods: instructions by size, a panel for each order of input."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from host.bench.board.inputs import ORDERS
from host.bench.board.run import Cost, Findings
from host.bench.board.tables import MEDIAN

_STYLES = {"viper": "-", "built-in": "--", "plain": ":"}
"""Native code lies between plain and viper and is left out."""


def draw(findings: Findings, path: Path) -> None:
    """Save it as PNG. Raises OSError."""
    costs = [
        cost for cost in findings.costs
        if cost.section == "sorting" and not cost.method.startswith(MEDIAN) and cost.variant in _STYLES
    ]
    methods = list(dict.fromkeys(cost.method for cost in costs))
    figure = Figure(figsize=(15, 9), layout="constrained")
    panels = figure.subplots(2, 3, sharex=True, sharey=True).flatten()
    for axes, order in zip(panels, ORDERS, strict=False):
        _panel(axes, [cost for cost in costs if cost.case == order], methods)
        axes.set_title(order, loc="left", fontsize=11)
    for axes in panels[3:]:
        axes.set_xlabel("numbers")
    for axes in panels[::3]:
        axes.set_ylabel("instructions a number")
    panels[-1].axis("off")
    handles, labels = panels[0].get_legend_handles_labels()
    panels[-1].legend(handles, labels, loc="center", ncols=2, frameon=False, fontsize=9)
    # Without matplotlib's version, so that the same figures make the same file.
    figure.savefig(path, dpi=100, metadata={"Software": None})


def _panel(axes: Axes, costs: list[Cost], methods: list[str]) -> None:
    sizes = sorted({cost.size for cost in costs})
    for name in dict.fromkeys(cost.name for cost in costs):
        own = sorted((cost for cost in costs if cost.name == name), key=lambda cost: cost.size)
        number, variant = methods.index(own[0].method), own[0].variant
        axes.plot(
            [cost.size for cost in own], [cost.mean / cost.size for cost in own], _STYLES[variant],
            color=f"C{number % 10}" if variant != "built-in" else "#222222",
            marker="os^v"[number % 4], markersize=4, linewidth=1 if variant == "plain" else 1.8, label=name,
        )
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(alpha=0.3)
