"""The patrol car's firmware."""
