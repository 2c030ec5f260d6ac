"""The link against the car's own firmware on the emulated board."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import pytest

from host.emulate import Emulator, build_application
from host.link import ContractMismatchError, Link, LinkError, connect, open_port
from protocol.contract import Contract
from protocol.parameters import PARAMETERS

pytestmark = pytest.mark.emulator


def test_the_car_answers_a_ping_with_its_token(car_link: Link) -> None:
    for token in (0, 1, 0xFFFF):
        assert car_link.send("ping", {"token": token}).values["token"] == token


def test_a_reply_is_not_held_back_on_its_way(car_link: Link) -> None:
    # TCP would collect the board's single bytes until an acknowledgement, 40 ms later, on every try.
    def round_trip_s() -> float:
        started = time.monotonic()
        car_link.send("ping")
        return time.monotonic() - started

    assert min(round_trip_s() for _ in range(20)) < 0.03


def test_the_car_says_what_it_is(car_link: Link) -> None:
    assert "STM32F405" in car_link.send("info").values["machine"]


@pytest.mark.parametrize("index", range(len(PARAMETERS)))
def test_a_parameter_is_what_it_was_set_to(car_link: Link, index: int) -> None:
    before = car_link.send("get", {"parameter": index}).values["value"]
    for value in (PARAMETERS[index].low, PARAMETERS[index].high, before):
        assert car_link.send("set", {"parameter": index, "value": value}).values["value"] == value
        assert car_link.send("get", {"parameter": index}).values["value"] == value


def test_telemetry_comes_at_the_rate_that_was_asked_for(car_link: Link) -> None:
    car_link.send("rate", {"hz": 100})
    car_link.request_key()
    rows = list(islice(car_link.telemetry(timeout_s=5), 30))
    steps = [after.time_us - before.time_us for before, after in pairwise(rows[5:])]
    assert sum(steps) / len(steps) == pytest.approx(10_000, rel=0.2)
    counters = car_link.counters
    assert (counters.lost_frames, counters.frames_bad, counters.frames_unread) == (0, 0, 0)


def test_telemetry_shows_what_the_car_was_told(car_link: Link, contract: Contract) -> None:
    names = [channel.name for channel in contract.schema.channels]
    car_link.send("drive", {"speed": 200, "turn": -30})
    car_link.send("rate", {"hz": 100})
    car_link.request_key()
    rows = islice(car_link.telemetry(timeout_s=5), 100)
    shown = [(row.values[names.index("speed_set")], row.values[names.index("turn_set")]) for row in rows]
    assert (200, -30) in shown


def test_a_command_that_comes_twice_is_executed_once(
    emulated_car: Emulator, car_link: Link, contract: Contract
) -> None:
    before = car_link.send("counters").values
    write = car_link._port.write
    car_link._port.write = lambda data: write(data + data)
    assert car_link.send("ping", {"token": 9}).values["token"] == 9
    car_link._port.write = write
    after = car_link.send("counters").values
    assert after["commands_executed"] - before["commands_executed"] == 2
    assert after["commands_repeated"] - before["commands_repeated"] == 1


def test_noise_before_a_command_costs_a_bad_frame_and_nothing_else(car_link: Link) -> None:
    before = car_link.send("counters").values["frames_bad"]
    car_link._port.write(b"\x05noise\x00")
    assert car_link.send("counters").values["frames_bad"] == before + 1


def test_the_car_comes_back_after_a_reboot(car_link: Link) -> None:
    car_link.send("set", {"parameter": 0, "value": 123})
    car_link.send("reboot")
    car_link.hello(timeout_s=20)
    assert car_link.send("get", {"parameter": 0}).values["value"] == PARAMETERS[0].default


def test_what_the_decoder_costs_is_counted_the_same_every_time(car_link: Link) -> None:
    # Around it, Python's look-up cache makes small differences between one run and the next.
    first, second = (car_link.send("profile").values["block_ticks"] for _ in range(2))
    assert first == second > 0


def test_a_link_can_be_left_and_another_one_opened(emulated_car: Emulator, contract: Contract) -> None:
    for _ in range(3):
        with connect(emulated_car.link_url, contract) as link:
            assert link.send("ping", {"token": 5}).values["token"] == 5


def test_a_second_program_on_the_link_is_told_what_may_be_wrong(
    emulated_car: Emulator, car_link: Link, contract: Contract
) -> None:
    with pytest.raises(LinkError, match="is no other program connected to it"):
        connect(emulated_car.link_url, contract, timeout_s=0.3)


def test_the_console_is_not_taken_for_the_link(application: Path, contract: Contract) -> None:
    # A car of its own: a greeting that happens to hold Ctrl-C ends the program behind a console.
    with Emulator(application) as car, pytest.raises(LinkError, match=r"no answer from the board"):
        connect(car.repl_url, contract, timeout_s=0.3)


def test_a_car_with_another_contract_is_refused_with_the_right_one_understood(
    tmp_path: Path, contract: Contract
) -> None:
    other = replace(contract, schema=replace(contract.schema, name="truck"))
    with Emulator(build_application(tmp_path / "truck.hex", other)) as truck:
        with pytest.raises(ContractMismatchError, match="the board speaks contract truck"):
            connect(truck.link_url, contract)
        with connect(truck.link_url, other) as link:
            assert link.send("ping", {"token": 3}).values["token"] == 3


def test_a_car_that_goes_away_is_an_error_for_the_caller(application: Path, contract: Contract) -> None:
    car = Emulator(application)
    car.start()
    link = connect(car.link_url, contract)
    car.stop()
    with pytest.raises(LinkError, match="is gone"):
        link.send("ping")
    link.close()


def test_a_board_without_the_firmware_does_not_answer(tmp_path: Path, contract: Contract) -> None:
    (tmp_path / "main.py").write_text("print('nothing to do')\n")
    idle = build_application(tmp_path / "idle.hex", extra_files={"main.py": tmp_path / "main.py"})
    with Emulator(idle, ready_when=b">>> ") as car:
        with pytest.raises(LinkError, match="no answer from the board"):
            connect(car.link_url, contract, timeout_s=0.3)
        link = Link(open_port(car.link_url), contract, patience_s=0.2)
        with link, pytest.raises(LinkError, match="no answer from the board"):
            link.send("ping")
