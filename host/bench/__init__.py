"""Measurements: what a telemetry row costs under this codec and its peers, and what it must cost at least."""
