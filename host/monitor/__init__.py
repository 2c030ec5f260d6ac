"""Showing telemetry to people and programs."""
