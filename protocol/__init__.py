"""The wire contract: what a byte on the thin wire means, for both ends.

bytes -> frames (`frame`) -> messages (`messages`) and telemetry (`telemetry`) -> values.
`huffman`, `bits` and `tokens` know nothing of cars; `contract` binds a schema to its codebooks under
one hash, and `device` writes that contract down for the board.
"""
