"""What is connected where, by the board this runs on. For another car, change or add a module of `boards`."""

import sys

if "F411RE" in getattr(sys.implementation, "_machine", ""):
    from patrol.boards.nucleo_f411re import *  # noqa: F403
else:
    from patrol.boards.f405 import *  # noqa: F403
