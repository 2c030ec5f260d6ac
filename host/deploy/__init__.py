"""Puts the application onto a board through its console: a bare board becomes a car."""

from host.deploy.errors import DeployError
from host.deploy.repl import Repl
from host.deploy.run import Deployed, await_car, deploy

__all__ = ["DeployError", "Deployed", "Repl", "await_car", "deploy"]
