"""Which implementations of the hot functions there are here.

A hot function exists up to three times: plain Python, viper, and Thumb assembler. A module lists its own
in that order in VARIANTS and runs the last; the tests hold all of them against the same vectors. A car has
no memory to spare for those that it does not run: its modules end with `keep_last`.
"""

from patrol import wire

try:
    from patrol import thumb, thumb_frame, thumb_row
except (ImportError, SyntaxError, ValueError):  # no ARM: neither its source nor its .mpy can be loaded
    thumb = thumb_frame = thumb_row = None

NAMES = ("plain", "viper", "thumb")
keep_all = False
"""Set by programs that compare, before they import anything else of the firmware."""


def keep_last(names):
    """Take all implementations but the last out of a module's names, so that the collector has them."""
    if keep_all:
        return
    for name in list(names):
        if name.endswith("VARIANTS"):
            others = names[name][:-1]
            names[name] = names[name][-1:]
            for each in list(names):
                if names[each] in others:
                    del names[each]
        elif name.endswith("_plain"):
            names.pop(name, None)


ACTIVE_DECODER = wire.DECODER_THUMB if thumb else wire.DECODER_VIPER
