"""One piece of code measured: instructions, in ticks of the board's counter, and bytes of heap."""

import gc

from patrol import cycles

_collecting = False


def collect_meanwhile():
    """From now on, collect when the heap is full, and count that: some code allocates more than there is.

    How much cannot be told then.
    """
    global _collecting
    _collecting = True
    gc.threshold(-1)  # not before


def case_of(what, size):
    """What the host is told of a case: `ticks` of each input, the most heap that one took, what went wrong.

    Heap is None when it was more than was free, and has been collected.
    """
    return {"case": what, "size": size, "ticks": [], "heap": 0, "wrong": ""}


def measured(case, work, first, second):
    """What work(first, second) answers; what it cost goes into the case.

    Nothing is collected meanwhile, unless asked for. Starting and stopping the count is taken off, the call
    itself is not.
    """
    gc.collect()
    if not _collecting:
        gc.disable()
    before = gc.mem_alloc()
    try:
        cycles.start()
        cycles_of_nothing = cycles.stop()
        cycles.start()
        answer = work(first, second)
        ticks = cycles.stop()
    except BaseException:
        cycles.stop()  # it has interrupts back on
        raise
    finally:
        gc.enable()
    case["heap"] = None if _collecting else max(case["heap"], gc.mem_alloc() - before)
    case["ticks"].append(ticks - cycles_of_nothing)
    return answer
