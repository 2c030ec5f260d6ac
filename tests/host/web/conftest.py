"""The monitored fake board of the monitor's tests."""

from tests.host.monitor.conftest import car, desk

__all__ = ["car", "desk"]
