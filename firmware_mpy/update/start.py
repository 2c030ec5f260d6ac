"""Runs what the boot record says. An application on trial that fails, or is not confirmed in time, ends in a
restart, and the restart goes back to the one before."""

import sys

import machine
from micropython import const

_FACTORY = const(-1)
_MOUNT = "/slot"

running = _FACTORY
"""The slot whose application runs; -1 for the one that is built in."""
fallen = _FACTORY
"""The slot that this boot gave up, or -1."""
trial = None
"""While an application is on trial: what ends it."""


def load_slots():
    """The slots as this boot chose among them. Who needs them holds them for no longer: they take memory."""
    from update.slots import Slots

    slots = Slots()
    slots.running = running
    slots.fallen = fallen
    return slots


def forget_slots():
    """Give back the memory of the code behind load_slots."""
    package = sys.modules["update"]
    for name in ("slots", "record"):
        if sys.modules.pop("update." + name, None):
            delattr(package, name)


def confirm():
    """The application that runs has proved itself. Raises OSError when that cannot be put on record."""
    global trial
    load_slots().confirm()
    if trial is not None:
        trial.end()
        trial = None


def run():
    """Choose and run an application; returns when it does."""
    global trial
    on_trial = _choose()
    if on_trial:
        from update.trial import Trial

        trial = Trial()
        _run_on_trial()
    else:
        if running != _FACTORY:
            _mount()
        _run_application()


def _choose():
    """Decide what runs; answers whether it is on trial."""
    global running, fallen
    try:
        slots = load_slots()
        slots.choose()
        running, fallen = slots.running, slots.fallen
        return slots.is_trying()
    except Exception as error:  # whatever it is, the built-in application needs none of it
        sys.print_exception(error)
        return False
    finally:
        forget_slots()


def _run_on_trial():
    try:
        _mount()
        _run_application()
        print("update: the new application ended; going back")
    except KeyboardInterrupt:
        trial.end()
        raise
    except BaseException as error:
        sys.print_exception(error)
        print("update: the new application failed; going back")
    machine.reset()


def _mount():
    import vfs

    from update.image import ImageFs

    vfs.mount(ImageFs(open(load_slots().path(running), "rb")), _MOUNT)
    sys.path.insert(0, _MOUNT)
    forget_slots()


def _run_application():
    from patrol import app

    app.run()
