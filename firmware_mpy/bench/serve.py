"""Serves measurements to the host, over the board's console. The host puts it into the ROM as main.py.

A JSON object a line in: {"section": "sorting"} asks for names, {"section", "name", "variant"} measures one.
"collect" goes with a name whose measurement ran out of memory: see measure.py. Lines of JSON come back, the
last of which has "end".
"""

import gc
import json
import sys

gc.threshold(2048)  # collect often while modules load: large pieces stay free
from bench import measure

# A section is a module with `names` and `run`, as sorting.py. The control step comes here once it is there.
SECTIONS = ("sorting", "decoders", "checksums")


def tell(case):
    print(json.dumps(case))


def answer(request):
    """Do what was asked; what goes wrong is told, never left to look like a result."""
    try:
        if request["section"] not in SECTIONS:
            raise ValueError("no section {}".format(request["section"]))
        # Only what is asked for: each section has memory of its own.
        section = getattr(__import__("bench." + request["section"]), request["section"])
        if request.get("collect"):
            measure.collect_meanwhile()
        if "name" in request:
            section.run(request["name"], request["variant"], tell)
            tell({"end": 1})
        else:
            tell({"end": 1, "names": section.names()})
    except MemoryError:
        tell({"end": 1, "wrong": "out of memory", "memory": 1})
    except Exception as error:
        tell({"end": 1, "wrong": "{}: {}".format(type(error).__name__, error)})


def serve():
    print("serving")
    while line := sys.stdin.readline():
        if line.strip():
            answer(json.loads(line))


serve()
