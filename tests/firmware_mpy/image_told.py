"""For MicroPython on a PC: mounts an image through ImageFs and prints what is in it, as JSON.

    MICROPYPATH=firmware_mpy micropython image_told.py IMAGE
"""

import json
import os
import sys
from binascii import hexlify

import vfs
from update.image import ImageError, ImageFs


def contents(folder):
    found = {}
    for name, kind, _, size in os.ilistdir(folder):
        path = folder + "/" + name
        if kind == 0x4000:
            found.update(contents(path))
        else:
            with open(path, "rb") as file:
                found[path] = hexlify(file.read()).decode()
            assert os.stat(path)[6] == size
    return found


def refused(action, *arguments):
    try:
        action(*arguments)
    except OSError as error:
        return error.errno
    return 0


def main(image):
    try:
        vfs.mount(ImageFs(open(image, "rb")), "/slot")
    except ImageError:
        print(json.dumps("no image"))
        return
    told = {
        "files": contents("/slot"),
        "absent": refused(os.stat, "/slot/none.py"),
        "through a file": refused(os.stat, "/slot/a.txt/b"),
        "folder opened": refused(open, "/slot/folder"),
        "written": refused(open, "/slot/a.txt", "w"),
    }
    sys.path.insert(0, "/slot")
    from folder import module

    told["imported"] = module.answer()
    print(json.dumps(told))


main(sys.argv[1])
