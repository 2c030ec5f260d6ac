"""Room for the frames of calls, at the heap's beginning.

MicroPython's stm32 builds take the frame of a call that needs more than eleven words from the heap
(py/objfun.c, VM_MAX_STATE_ON_STACK), and look for it from the heap's beginning on. Behind all that an
application has loaded the looking took more than half of the loop's time. So this is loaded first, and its
room is given back for frames when everything else has its place.
"""

import gc

from micropython import const

_ROOM_BYTES = const(2048)

_room = bytearray(_ROOM_BYTES)


def release():
    """Give the room to the frames."""
    global _room
    _room = None


def renew():
    """Give the room to the frames when all is loaded, and another one in what is free then.

    For a car whose control must not be late: it leaves fewer large pieces of memory.
    """
    load(_nothing)


def _nothing():
    pass


def load(make):
    """What make() loads and makes, which is to stay: it gets its place elsewhere."""
    global _room
    gc.collect()  # of what passing calls have left in the room
    try:
        _room = bytearray(_ROOM_BYTES)
    except MemoryError:  # so little is left that frames are not what matters
        pass
    try:
        return make()
    except MemoryError:  # the room may have been just what was missing
        release()
        gc.collect()
        return make()
    finally:
        release()
