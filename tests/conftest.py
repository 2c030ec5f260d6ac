"""Fixtures that more than one folder of tests needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host.emulate import Emulator, build_application
from host.link import Link, connect
from protocol.contract import Contract, load_contract

_VECTORS_RUN = pytest.StashKey[dict[str, int]]()


@pytest.fixture(scope="session")
def vectors_run(pytestconfig: pytest.Config) -> dict[str, int]:
    """Golden vectors that ran, by platform; told at the end of the session."""
    return pytestconfig.stash.setdefault(_VECTORS_RUN, {})


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker's counts go to the process that tells them."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["vectors_run"] = dict(session.config.stash.get(_VECTORS_RUN, {}))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker has ended: take its counts."""
    told = node.config.stash.setdefault(_VECTORS_RUN, {})
    for platform, count in getattr(node, "workeroutput", {}).get("vectors_run", {}).items():
        told[platform] = told.get(platform, 0) + count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many golden vectors ran where."""
    for platform, count in config.stash.get(_VECTORS_RUN, {}).items():
        terminalreporter.write_line(f"golden vectors run on {platform}: {count}")


@pytest.fixture(autouse=True)
def nothing_plugged_in(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds what is on this machine, nor what another test emulates."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    monkeypatch.setattr("host.devices.find.comports", list)
    monkeypatch.setattr("host.devices.find.SYSFS", Path("/nonexistent"))


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The car's own contract."""
    return load_contract()


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The car's application, as the emulated board loads it."""
    return build_application(tmp_path_factory.mktemp("application") / "application.hex")


@pytest.fixture(scope="session")
def emulated_car(application: Path) -> Iterator[Emulator]:
    """The emulated car, one for the whole session. For tests marked `emulator`."""
    with Emulator(application) as car:
        yield car


@pytest.fixture
def car_link(emulated_car: Emulator, contract: Contract) -> Iterator[Link]:
    """A link to the emulated car, which stands still and says nothing of itself."""
    with connect(emulated_car.link_url, contract) as link:
        link.send("stop")
        link.send("rate", {"hz": 0})
        yield link
