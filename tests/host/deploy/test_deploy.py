"""A bare emulated board, its console, and what `host deploy` makes of it.

One board serves all tests: each but the first begins with a whole car, and leaves one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host.cli.main import run
from host.deploy import DeployError, Repl, await_car, deploy
from host.deploy.on_board import BoardFiles
from host.deploy.plan import MANIFEST
from host.deploy.sets import SETS
from host.emulate import Emulator
from host.emulate.application import build_files
from host.link import LinkError, connect, open_port
from host.running import RunningBoard, announced
from protocol.contract import load_contract

pytestmark = pytest.mark.emulator
DRIVE = SETS["drive"]
CONTRACT = load_contract(DRIVE.contract_file)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return build_files(CONTRACT, chosen=DRIVE)


@pytest.fixture(scope="module")
def car(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A board without an application, whose file system is kept."""
    with Emulator(None, store=tmp_path_factory.mktemp("board") / "store") as board:
        yield board


@pytest.fixture
def verb(car: Emulator, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """`host deploy --set drive --json` on the only board there is; its answer."""

    def deployed(*options: str) -> dict[str, Any]:
        assert run(["deploy", "--set", "drive", "--json", *options]) == 0, capsys.readouterr().err
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    with announced(RunningBoard(car.link_url, car.repl_url, car.sensors_url, "qemu")):
        yield deployed


@pytest.fixture(scope="module")
def whole(car: Emulator, files: dict[str, bytes]) -> None:
    """The board has the application, if only one test is run, too."""
    with Repl(car.repl_url) as board:
        deploy(board, lambda architecture: files)


def on(car: Emulator, code: str) -> str:
    with Repl(car.repl_url) as board:
        return board.run(code)


def test_a_bare_board_becomes_a_car_and_the_second_deploy_copies_nothing(
    verb: Any, car: Emulator, files: dict[str, bytes]
) -> None:
    assert "main.py" not in on(car, "import os; print(os.listdir())")
    first = verb()
    assert sorted(first["copied"]) == sorted(files)
    assert first["copied_bytes"] == sum(map(len, files.values()))
    assert first["architecture"] == "armv7emsp"
    assert first["contract"] == {"name": "drive", "hash": f"{CONTRACT.hash:08x}"}
    second = verb()
    assert (second["copied"], second["copied_bytes"], second["removed"]) == ([], 0, [])
    assert second["unchanged"] == len(files)
    assert second["contract"] == first["contract"]
    with connect(car.link_url, CONTRACT) as link:
        assert link.send("drive", {"speed": 200}).values["speed"] == 200
        assert link.next_rows(3.0)
        with pytest.raises(LinkError, match="no encoders"):
            link.send("status")


@pytest.mark.usefixtures("whole")
def test_what_was_deployed_outlives_a_power_cycle(car: Emulator) -> None:
    car.stop()
    car.start()  # returns once the car, or a prompt, is there
    with connect(car.link_url, CONTRACT) as link:
        link.send("ping", {"token": 3})


@pytest.mark.usefixtures("whole")
def test_only_what_differs_is_copied_whatever_the_manifest_says(verb: Any, car: Emulator) -> None:
    on(car, "f = open('patrol/clock.mpy', 'ab'); f.write(b'!'); f.close()")
    assert verb("--dry-run")["copied"] == ["patrol/clock.mpy", "main.py"]
    assert verb()["copied"] == ["patrol/clock.mpy", "main.py"]
    assert verb()["copied"] == []


@pytest.mark.usefixtures("whole")
def test_files_of_an_earlier_deploy_go_and_files_of_others_stay(verb: Any, car: Emulator) -> None:
    on(car, (
        f"f = open({MANIFEST!r}, 'a'); f.write('patrol/gone.mpy\\n'); f.close()\n"
        "for name in 'patrol/gone.mpy', 'notes.py':\n    f = open(name, 'w'); f.write('1'); f.close()"
    ))
    assert verb()["removed"] == ["patrol/gone.mpy"]
    names = on(car, "import os; print(os.listdir('patrol'), os.listdir())")
    assert "gone.mpy" not in names
    assert "notes.py" in names


@pytest.mark.usefixtures("whole")
def test_an_application_that_an_update_brought_makes_room_for_the_deployed_one(
    verb: Any, car: Emulator
) -> None:
    on(car, "import os\nos.mkdir('slots')\nf = open('slots/a.romfs', 'w'); f.write('1'); f.close()")
    assert verb()["slots_emptied"] is True
    assert on(car, "import os; print(os.listdir('slots'))") == "[]\r\n"
    assert verb()["slots_emptied"] is False


@pytest.mark.usefixtures("whole")
def test_a_deploy_that_breaks_off_leaves_a_prompt_and_the_next_one_completes_it(
    verb: Any, car: Emulator, files: dict[str, bytes]
) -> None:
    changed = {**files, "patrol/clock.mpy": files["patrol/clock.mpy"] + bytes(5000)}

    def cable_pulled(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Repl(car.repl_url) as board:
        deploy(board, lambda architecture: changed, told=cable_pulled)
    assert "main.py" not in on(car, "import os; print(os.listdir())")
    again = verb()
    assert again["copied"] == ["main.py"]  # a file has its name only when it is right
    assert again["contract"]["name"] == "drive"


@pytest.mark.usefixtures("whole")
def test_an_application_that_fails_is_told_with_what_its_console_said(
    verb: Any, car: Emulator, files: dict[str, bytes]
) -> None:
    port = open_port(car.link_url)
    with Repl(car.repl_url) as board:
        deploy(board, lambda architecture: {**files, "main.py": b"raise MemoryError('a bad day')\n"})
        board.restart()
        with pytest.raises(DeployError, match=r"ended at its start.*--set drive.*MemoryError: a bad day"):
            await_car(board, port, CONTRACT)
    port.close()
    assert verb()["copied"] == ["main.py"]


def test_a_file_system_that_is_too_small_is_told_before_anything_is_written(files: dict[str, bytes]) -> None:
    with Emulator(None) as board, Repl(board.repl_url) as console:
        with pytest.raises(DeployError, match=r"bytes free, and \d+ are needed; .*--store FILE"):
            deploy(console, lambda architecture: files)
        assert console.run("print(os.listdir())") == "[]\r\n"


@pytest.mark.usefixtures("whole")
def test_a_main_that_somebody_else_wrote_is_kept(verb: Any, car: Emulator) -> None:
    on(car, f"import os; os.remove({MANIFEST!r}); f = open('main.py', 'w'); f.write('print(1)'); f.close()")
    assert verb("--port", car.link_url)["kept"] == "main.before.py"
    assert on(car, "print(open('main.before.py').read())") == "print(1)\r\n"
    assert verb("--port", "id:emulated-" + car.link_url.rpartition(":")[2])["kept"] is None


@pytest.mark.usefixtures("whole")
def test_code_that_was_half_sent_does_not_keep_the_car_from_running_again(car: Emulator) -> None:
    port = open_port(car.link_url)
    with Repl(car.repl_url) as board:
        board.run("1")
        board._transport.exec_raw_no_follow("while True: pass")
        board.restart()
        await_car(board, port, CONTRACT)
    port.close()


@pytest.mark.parametrize("inflates", [True, False])
def test_a_file_of_any_size_arrives_whether_the_board_can_inflate_or_not(
    car: Emulator, inflates: bool
) -> None:
    contents = {f"new/{size}.mpy": bytes(range(256)) * 16 for size in (0, 1, 2039, 2040, 2041, 4080)}
    contents = {name: content[: int(name[4:-4])] for name, content in contents.items()}
    with Repl(car.repl_url) as board:
        files = BoardFiles(board)
        assert files.inflates
        if not inflates:
            files.inflates = False
            board.run("deflate = None")
        for name, content in contents.items():
            assert sum(files.write(name, content)) == len(content)
        there = files.tell([*contents, "new/none.mpy"])
        assert {name: each.size for name, each in there.items()} == {
            name: len(content) for name, content in contents.items()
        }
        assert files.content("new/1.mpy") == b"\0"
        files.remove(contents)


@pytest.mark.usefixtures("whole")
def test_a_car_drives_on_after_a_dry_run(verb: Any, car: Emulator, whole: None) -> None:
    assert verb("--dry-run")["dry_run"]
    with connect(car.link_url, CONTRACT) as link:
        link.hello(10)


def test_a_car_drives_on_after_a_deploy_that_was_refused(
    verb: Any, car: Emulator, whole: None, capsys: pytest.CaptureFixture[str]
) -> None:
    on(car, "import os; free = os.statvfs('/'); f = open('filler', 'wb')\n"
            "for _ in range(free[3] - 2): f.write(bytes(free[0]))\n"
            "f.close()")
    try:
        assert run(["deploy", "--set", "patrol"]) == 1
        assert "bytes free" in capsys.readouterr().err
        with connect(car.link_url, CONTRACT) as link:
            link.hello(10)
    finally:
        on(car, "import os; os.remove('filler')")


def test_the_smallest_set_runs_on_any_board(car: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    with announced(RunningBoard(car.link_url, car.repl_url, car.sensors_url, "qemu")):
        assert run(["deploy", "--set", "small", "--json"]) == 0, capsys.readouterr().err
        assert json.loads(capsys.readouterr().out)["contract"]["name"] == "base"
        assert run(["deploy", "--set", "drive", "--json"]) == 0, capsys.readouterr().err
    capsys.readouterr()


def test_a_link_is_no_console(car: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.deploy.repl._ENTER_S", 0.3)
    with pytest.raises(DeployError, match="no MicroPython console answers"), Repl(car.sensors_url):
        pass


def test_a_set_that_is_none_and_a_board_that_is_none_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["deploy", "--set", "everything"]) == 2
    assert "choose patrol or drive" in capsys.readouterr().err
    assert run(["deploy"]) == 2
    assert "no console of MicroPython found" in capsys.readouterr().err
    assert run(["deploy", "--repl", "socket://127.0.0.1:1", "--port", "socket://127.0.0.1:1"]) == 1
    assert "nobody listens" in capsys.readouterr().err
