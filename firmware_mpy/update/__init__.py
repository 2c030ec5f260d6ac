"""Chooses which application runs: one of two slots, or the one built in. Is never updated itself."""
