"""The picture of the telemetry benchmark: each scheme's distance from the limit, on each log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

Ratios = Mapping[str, float | None]

_MARKERS = "osD^vPX<>"
_TICKS = (0.7, 0.8, 0.9, 1, 1.25, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64)
_OURS = "ours"
_OURS_COLOUR = "#0b6e4f"


def draw(means: Ratios, by_log: Mapping[str, Ratios], path: Path) -> None:
    """Save a dot plot as PNG: a line a scheme, best on top, a dot a log, a bar to the geometric mean.

    Ratios to the limit; a scheme whose mean is None is left out. Raises OSError.
    """
    known = {name: mean for name, mean in means.items() if mean is not None}
    order = sorted(known, key=lambda name: -known[name])
    figure = Figure(figsize=(9, 2 + 0.36 * len(order)), layout="constrained")
    axes = figure.subplots()
    _draw_means(axes, order, known)
    for marker, (log, ratios) in zip(_MARKERS * len(by_log), by_log.items(), strict=False):
        points = [(ratio, at) for at, name in enumerate(order) if (ratio := ratios[name]) is not None]
        axes.plot(*zip(*points, strict=True) if points else ((), ()), marker, label=log,
                  markersize=6, alpha=0.85, markeredgecolor="white")
    _dress(axes, [ratio for ratios in by_log.values() for ratio in ratios.values() if ratio])
    figure.legend(loc="outside lower center", ncols=5, frameon=False, fontsize=9)
    # Without matplotlib's version, so that the same figures make the same file.
    figure.savefig(path, dpi=120, metadata={"Software": None})


def _draw_means(axes: Axes, order: list[str], means: Mapping[str, float]) -> None:
    for at, name in enumerate(order):
        bar, text = (_OURS_COLOUR, _OURS_COLOUR) if name.startswith(_OURS) else ("#9aa5b1", "#444444")
        axes.barh(at, means[name] - 1, left=1, height=0.62, color=bar, alpha=0.35)
        axes.annotate(f"{means[name]:.2f}", (0, at), xycoords=axes.get_yaxis_transform(), xytext=(-6, 0),
                      textcoords="offset points", ha="right", va="center", fontsize=9, color=text)
    axes.set_yticks(range(len(order)), order)
    axes.tick_params(axis="y", pad=34, length=0)


def _dress(axes: Axes, ratios: Sequence[float]) -> None:
    low, high = min([1.0, *ratios]), max([1.5, *ratios])
    axes.set_xscale("log")
    axes.set_xlim(low if low == 1 else 0.97 * low, 1.05 * high)
    axes.set_xticks([tick for tick in _TICKS if low <= tick <= high])
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.axvline(1, color="#444444", linewidth=1)
    axes.set_xlabel("bytes a row, as a multiple of the entropy limit")
    axes.set_title("Telemetry: bars and figures are geometric means over the logs", loc="left", fontsize=11)
    axes.grid(axis="x", color="#dddddd")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
