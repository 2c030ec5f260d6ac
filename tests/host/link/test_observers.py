"""Several observers hear the same, in turn."""

import inspect

from host.link import Observer, Observers


class Ear(Observer):
    def __init__(self, heard):
        self.heard = heard


def _hears(name):
    def hear(self, *told):
        self.heard.append((name, told))

    return hear


TOLD = [name for name, _ in inspect.getmembers(Observer, inspect.isfunction) if not name.startswith("_")]
for _name in TOLD:
    setattr(Ear, _name, _hears(_name))


def test_all_that_an_observer_is_told_is_passed_on_to_each():
    one, two = Ear([]), Ear([])
    for name in TOLD:
        count = len(inspect.signature(getattr(Observer, name)).parameters) - 1
        getattr(Observers(one, two), name)(*range(count))
    assert [name for name, _ in one.heard] == TOLD
    assert one.heard == two.heard
