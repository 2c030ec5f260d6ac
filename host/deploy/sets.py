"""What a deploy may leave out: host/emulate/sets.py, where all who build find it."""

from host.emulate.sets import DEFAULT, SETS

__all__ = ["DEFAULT", "SETS"]
