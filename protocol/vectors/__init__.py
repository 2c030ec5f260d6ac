"""Golden vectors: one table that every implementation must agree with, bit for bit.

`vectors.jsonl` has one JSON object a line: `suite`, `name`, and the fields of that suite, bytes in hex.
`make` writes it; tests run it on CPython, on MicroPython on the PC and on the emulated STM32.
"""
