"""A line that misbehaves on purpose: one seeded channel for tests, measurements and `host faults`."""

from host.faults.channel import Channel
from host.faults.clock import Clock, VirtualClock
from host.faults.faults import Faults, FaultsError
from host.faults.line import Line, LineCounters

__all__ = ["Channel", "Clock", "Faults", "FaultsError", "Line", "LineCounters", "VirtualClock"]
