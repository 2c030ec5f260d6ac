"""Measures what the host asks for in the ROM, and prints it. The host puts this there as main.py.

{"section": "sorting"} asks for names, {"section", "name", "variant"} measures one; "collect" goes with one
whose measurement ran out of memory: see measure.py. Lines of JSON come out, the last of which has "end".

Nothing is read from the console, or counts of code that allocates would not repeat: a byte comes at another
moment each time, and the stack that its interrupt leaves behind may keep other garbage alive.
"""

import gc
import json

gc.threshold(2048)  # collect often while modules load: large pieces stay free
from patrol import variants

variants.keep_all = True  # they are what is compared

from bench import measure

# A section is a module with `names` and `run`, as sorting.py.
SECTIONS = ("sorting", "decoders", "checksums", "control")


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
    with open("/rom/bench/request.json") as file:
        request = json.load(file)
    answer(request)
    print("measured")


serve()
