"""Fitting contracts to logs."""
