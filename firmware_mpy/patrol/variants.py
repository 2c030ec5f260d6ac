"""Which implementations of the hot functions there are here.

A hot function exists up to three times: plain Python, viper, and Thumb assembler. A module lists its own
in that order in VARIANTS and runs the last; the tests hold all of them against the same vectors.
"""

from patrol import wire

try:
    from patrol import thumb, thumb_frame, thumb_row
except (ImportError, SyntaxError, ValueError):  # no ARM: neither its source nor its .mpy can be loaded
    thumb = thumb_frame = thumb_row = None

NAMES = ("plain", "viper", "thumb")
ACTIVE_DECODER = wire.DECODER_THUMB if thumb else wire.DECODER_VIPER
