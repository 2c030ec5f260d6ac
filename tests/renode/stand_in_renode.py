"""A stand-in for the program `renode`, with nothing of Renode in it.

It checks what it is started with, and puts QEMU's board behind the ports that it is told.
"""

import os
import re
import signal
import sys
import time
from pathlib import Path

from host.emulate import Emulator

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # in order: the board goes first

options, commands = sys.argv[1:-1], sys.argv[-1].split("; ")
if options != ["--disable-xwt", "--console", "--plain", "-e"]:
    sys.exit(f"started with {options}")
if commands[-1] != "start":
    sys.exit(f"the last command is {commands[-1]}")
settings = dict(re.fullmatch(r"\$(\w+)=(\S+)", command).groups() for command in commands[:-2])
script = re.fullmatch(r"include @(/\S+)", commands[-2])[1]
known = dict(re.findall(r"^\$(\w+)\?=(\S+)$", Path(script).read_text(encoding="utf-8"), re.MULTILINE))
if not settings.keys() <= known.keys():
    sys.exit(f"the script does not know {settings.keys() - known.keys()}")
files = {name: Path(value[1:]) for name, value in settings.items() if value.startswith("@")}
if missing := [str(path) for path in files.values() if not (path.is_absolute() and path.is_file())]:
    sys.exit(f"not there: {missing}")

match os.environ.get("STAND_IN"):
    case "ends":
        sys.exit("[ERROR] There was an error executing command")
    case "hangs":
        time.sleep(60)
ports = {name: int(value) for name, value in settings.items() if name.endswith("_port")}
with Emulator(files["application"], image=files["image"], **ports) as board:
    board.wait()
