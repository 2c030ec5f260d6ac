"""The whole car without hardware: the application's image, and the board that runs it.

    build_application(Path("build/application.hex"))
    with Emulator(Path("build/application.hex")) as car:
        print(car.link_url)
"""

from host.emulate.application import build_application, build_folder, build_image
from host.emulate.board import EmulatedBoard
from host.emulate.errors import (
    ApplicationError,
    BootError,
    EmulatorError,
    ImageMissingError,
    PortTakenError,
    ToolMissingError,
)
from host.emulate.qemu import Emulator
from host.emulate.renode import RenodeEmulator
from host.emulate.tcp import listen, url_of

__all__ = [
    "ApplicationError",
    "BootError",
    "EmulatedBoard",
    "Emulator",
    "EmulatorError",
    "ImageMissingError",
    "PortTakenError",
    "RenodeEmulator",
    "ToolMissingError",
    "build_application",
    "build_folder",
    "build_image",
    "listen",
    "url_of",
]
