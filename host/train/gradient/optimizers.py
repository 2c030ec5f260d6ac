"""Optimisers by name, each with a learning rate that suits standardised inputs and a log loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import optax


@dataclass(frozen=True)
class Optimizer:
    """An optimiser of optax.

    `function` is its name there, `rate` the learning rate it begins with (it falls to 0 along a half
    cosine), `options` what else it is given, `source` where it comes from.
    """

    name: str
    function: str
    rate: float
    source: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def transformation(self, steps: int) -> optax.GradientTransformation:
        """The optimiser for so many steps. Raises ImportError without optax."""
        import optax

        rate = optax.cosine_decay_schedule(self.rate, max(1, steps))
        built: optax.GradientTransformation = getattr(optax, self.function)(rate, **self.options)
        return built


_ALL = (
    Optimizer("sgd", "sgd", 0.02, "Robbins and Monro, A Stochastic Approximation Method, 1951"),
    Optimizer(
        "momentum", "sgd", 0.004, "Polyak, Some methods of speeding up the convergence of iterations, 1964",
        {"momentum": 0.9},
    ),
    Optimizer(
        "nag", "sgd", 0.004, "Nesterov, A method of solving a convex programming problem, 1983",
        {"momentum": 0.9, "nesterov": True},
    ),
    Optimizer("adagrad", "adagrad", 0.3, "Duchi, Hazan and Singer, Adaptive Subgradient Methods, 2011"),
    Optimizer("adadelta", "adadelta", 0.3, "Zeiler, ADADELTA, 2012", {"rho": 0.95, "eps": 1e-4}),
    Optimizer("rmsprop", "rmsprop", 0.01, "Tieleman and Hinton, Neural Networks for ML, lecture 6.5, 2012"),
    Optimizer("adam", "adam", 0.03, "Kingma and Ba, Adam, 2015"),
    Optimizer("adamax", "adamax", 0.03, "Kingma and Ba, Adam, section 7.1, 2015"),
    Optimizer("nadam", "nadam", 0.03, "Dozat, Incorporating Nesterov Momentum into Adam, 2016"),
    Optimizer("amsgrad", "amsgrad", 0.03, "Reddi, Kale and Kumar, On the Convergence of Adam, 2018"),
)
OPTIMIZERS = {optimizer.name: optimizer for optimizer in _ALL}
DEFAULT = "adam"


@dataclass(frozen=True)
class Descending:
    """How to descend: an optimiser's name, how often to go through the rows, and what to shuffle them by."""

    optimizer: str = DEFAULT
    epochs: int = 40
    seed: int = 0
