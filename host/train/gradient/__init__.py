"""Predictors trained by gradient descent with back-propagation: linear taps, and a small network.

Needs JAX and optax (`pip install 'patrol-car[train]'`); `optimizers` does not.
"""
