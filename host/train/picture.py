"""Loss curves as a picture."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from host.output import whole_file
from host.train.gradient.descent import Trained


def save_loss_curve(name: str, trained: Trained, path: Path) -> None:
    """Draw the loss on fitting and on judging rows, epoch by epoch, as PNG."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot(
        title=f"{name}: loss while training", xlabel="epoch", ylabel="loss, bits a row (smoothed logarithm)"
    )
    epochs = range(1, len(trained.fitting_loss) + 1)
    axes.plot(epochs, trained.fitting_loss, label="rows trained on")
    axes.plot(epochs, trained.judging_loss, label="rows held out")
    axes.grid(alpha=0.3)
    axes.legend()
    save_figure(figure, path)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, whole or not at all, with nothing in it that depends on the day."""
    with whole_file(path, force=True) as file:
        figure.savefig(file, format="png", dpi=110, metadata={"Software": None})

