"""A comparison of predictors as a table, as Markdown and as a picture."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich import box
from rich.console import Console
from rich.table import Table

from host.bench.predictors import LEAST_SQUARES, NETWORK, NOTE, Comparison, Entry
from host.train.gradient.optimizers import OPTIMIZERS
from host.train.picture import save_figure

_HEADINGS = (
    "", "bits a row", "against least squares", "multiply-adds a row", "epochs", "seconds"
)



def show(comparison: Comparison, console: Console) -> None:
    """A table on the terminal."""
    table = Table(box=box.SIMPLE_HEAD, title_justify="left", title=_title(comparison))
    for number, heading in enumerate(_HEADINGS):
        table.add_column(heading, justify="right" if number else "left", no_wrap=not number)
    for entry in comparison.entries:
        table.add_row(*_cells(entry, comparison))
    console.print(table)
    for line in _notes(comparison):
        console.print(line)


def markdown(comparison: Comparison) -> str:
    """The same table, to be read on a page."""
    lines = [_title(comparison), "", _line(_HEADINGS), _line(["---"] + ["--:"] * (len(_HEADINGS) - 1))]
    lines += [_line(_cells(entry, comparison)) for entry in comparison.entries]
    lines += ["", *(f"- {line}" for line in _notes(comparison))]
    return "\n".join(lines) + "\n"


def draw(comparison: Comparison, path: Path) -> None:
    """Loss curves of all that descend on the left, their cost against least squares on the right."""
    figure = Figure(figsize=(12, 5), layout="constrained")
    curves, bars = figure.subplots(1, 2)
    _draw_curves(comparison, curves)
    _draw_bars(comparison, bars)
    save_figure(figure, path)


def _draw_curves(comparison: Comparison, axes: Axes) -> None:
    for entry in comparison.entries:
        if entry.trained is not None:
            loss = entry.trained.judging_loss
            style = "k--" if entry.name == NETWORK else "-"
            axes.plot(range(1, len(loss) + 1), loss, style, label=entry.name, lw=1.3)
    axes.set(
        title=f"{comparison.log}: loss on held-out rows", xlabel="epoch",
        ylabel="loss, bits a row (smoothed logarithm)",
    )
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small", ncols=2)


def _draw_bars(comparison: Comparison, axes: Axes) -> None:
    entries = [entry for entry in comparison.entries[::-1] if entry.name != LEAST_SQUARES]
    colours = {NETWORK: "tab:orange", comparison.best_gradient.name: "tab:green"}
    names = [f"{entry.name}\n{entry.bits:.2f} bits, {entry.multiply_adds} m-a" for entry in entries]
    bars = axes.barh(
        names,
        [100 * comparison.against_least_squares(entry) for entry in entries],
        color=[colours.get(entry.name, "tab:blue") for entry in entries],
    )
    axes.bar_label(bars, fmt="%+.2f %%", fontsize="small", color="white", label_type="center")
    axes.axvline(0, color="tab:gray")
    reference = comparison.named(LEAST_SQUARES)
    axes.set(
        title=f"in integers, up to {comparison.taps} taps a stream",
        xlabel=f"% more bits a held-out row than least squares ({reference.bits:.2f} bits, "
        f"{reference.multiply_adds} multiply-adds)",
    )
    axes.tick_params(axis="y", labelsize="small")


def _title(comparison: Comparison) -> str:
    return (
        f"{comparison.log}: predictors of up to {comparison.taps} taps a stream, "
        f"on {comparison.judging_rows} held-out rows"
    )


def _cells(entry: Entry, comparison: Comparison) -> list[str]:
    return [
        entry.name,
        f"{entry.bits:.3f}",
        f"{comparison.against_least_squares(entry):+.2%}" if entry.name != LEAST_SQUARES else "",
        str(entry.multiply_adds),
        "" if entry.epochs is None else str(entry.epochs),
        f"{entry.seconds:.1f}",
    ]


def _notes(comparison: Comparison) -> list[str]:
    best = comparison.best_gradient
    return [
        f"best of the {len(OPTIMIZERS)} optimisers: {best.name}, {comparison.excess:+.2%} in bits a row "
        "against least squares",
        f"choosing sources by gradient took {comparison.search_seconds:.1f} s, once for all optimisers "
        "and the network",
        NOTE,
    ]


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"
