"""Images into a chip's flash memory, through the bootloader in its ROM."""

from host.flash.errors import BootloaderError, ImageError
from host.flash.image import Image, load_image

__all__ = ["BootloaderError", "Image", "ImageError", "load_image"]
