"""Both boards' pins: every name there, no pin twice, and each pin able to do what is asked of it."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.firmware_mpy.served import FIRMWARE

BOARDS = FIRMWARE / "patrol" / "boards"
NAMES = {
    "LINK_UART", "LINK_PINS", "LINK_BAUD", "SENSORS_UART", "SENSORS_PINS", "SENSORS_BAUD", "REPL_PINS",
    "RX_BUFFER_BYTES", "LEFT_MOTOR", "RIGHT_MOTOR", "MOTOR_PWM_HZ", "PWM_TIMERS", "LEFT_ENCODER",
    "RIGHT_ENCODER", "RANGERS", "LINE_ADCS", "I2C", "BUZZER", "LED", "BUTTON", "BATTERY_ADC",
    "BATTERY_FULL_SCALE_MV",
}  # fmt: skip

# From the datasheets (DS8626, DS10314); the same in MicroPython's stm32f405_af.csv and stm32f411_af.csv.
TIMER_CHANNELS = {  # pin: timer, channel, on both chips
    "A0": {(2, 1), (5, 1)},
    "A1": {(2, 2), (5, 2)},
    "A6": {(3, 1)},
    "A7": {(3, 2)},
    "B6": {(4, 1)},
    "B7": {(4, 2)},
}
UARTS = {  # board: (UART, TX, RX)
    "f405": {(1, "A9", "A10"), (2, "A2", "A3"), (3, "B10", "B11")},
    "nucleo_f411re": {(2, "A2", "A3"), (6, "C6", "C7")},  # those of MicroPython's definition of that board
}
REPL_UART = {"f405": 1, "nucleo_f411re": 2}
I2C_PINS = {(1, "B6", "B7"), (1, "B8", "B9")}
ADC_CHANNELS = {  # on both chips, all of them ADC1's
    **{f"A{pin}": pin for pin in range(8)},
    "B0": 8,
    "B1": 9,
    **{f"C{pin}": 10 + pin for pin in range(6)},
}
# An LQFP64 has these pins, less those of the supply, SWD, the crystals, USB and BOOT1.
PINS = {
    "f405": {*(f"{port}{pin}" for port in "ABC" for pin in range(16)), "D2"},
    "nucleo_f411re": {*(f"{port}{pin}" for port in "ABC" for pin in range(16)), "D2"} - {"B11"},
}
TAKEN = {"A11", "A12", "A13", "A14", "B2", "C14", "C15"}
SERVO_AND_EMULATOR_TIMER = 5


def board(name: str) -> dict[str, Any]:
    return {key: value for key, value in runpy.run_path(str(BOARDS / f"{name}.py")).items() if key.isupper()}


def pins_in(value: Any) -> Iterator[str]:
    """The names of pins among a constant's values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from pins_in(each)


def used(constants: dict[str, Any]) -> list[str]:
    return [pin for value in constants.values() for pin in pins_in(value)]


@pytest.fixture(params=["f405", "nucleo_f411re"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def constants(name: str) -> dict[str, Any]:
    return board(name)


def test_every_board_has_a_module_that_is_tested() -> None:
    assert {path.stem for path in BOARDS.glob("*.py")} == {"__init__", *UARTS}


def test_all_names_are_there(constants: dict[str, Any]) -> None:
    assert set(constants) == NAMES


def test_no_pin_is_used_twice_and_each_can_be_used(name: str, constants: dict[str, Any]) -> None:
    pins = used(constants)
    assert len(pins) == len(set(pins))
    assert set(pins) <= PINS[name] - TAKEN


def test_motors_and_encoders_are_on_timers_of_their_own(constants: dict[str, Any]) -> None:
    for pin, channel in constants["PWM_TIMERS"].items():
        assert channel in TIMER_CHANNELS[pin]
    assert {constants["LEFT_MOTOR"][0], constants["RIGHT_MOTOR"][0]} == set(constants["PWM_TIMERS"])
    timers = {timer for timer, _ in constants["PWM_TIMERS"].values()}
    assert len(timers) == 1
    for side in ("LEFT_ENCODER", "RIGHT_ENCODER"):
        timer, phase_a, phase_b = constants[side]
        assert (timer, 1) in TIMER_CHANNELS[phase_a]
        assert (timer, 2) in TIMER_CHANNELS[phase_b]
        assert timer not in timers | {SERVO_AND_EMULATOR_TIMER}
        timers.add(timer)


def test_uarts_have_their_pins(name: str, constants: dict[str, Any]) -> None:
    assert (constants["LINK_UART"], *constants["LINK_PINS"]) in UARTS[name]
    assert (REPL_UART[name], *constants["REPL_PINS"]) in UARTS[name]
    if constants["SENSORS_UART"] is None:
        assert constants["SENSORS_PINS"] == ()
    else:
        assert (constants["SENSORS_UART"], *constants["SENSORS_PINS"]) in UARTS[name]


def test_analog_inputs_and_the_bus_have_theirs(constants: dict[str, Any]) -> None:
    analog = [*constants["LINE_ADCS"], constants["BATTERY_ADC"]]
    assert len(constants["LINE_ADCS"]) == 5
    assert len({ADC_CHANNELS[pin] for pin in analog}) == len(analog)
    assert constants["I2C"] in I2C_PINS


def test_pins_that_interrupt_have_a_line_each(constants: dict[str, Any]) -> None:
    """Pins of one number share an interrupt line, whatever their port."""
    echoes = [echo for _, echo in constants["RANGERS"]]
    assert len(echoes) == 3
    interrupting = [
        *echoes,
        *constants["LEFT_ENCODER"][1:],
        *constants["RIGHT_ENCODER"][1:],
        constants["BUTTON"],
    ]
    lines = [pin[1:] for pin in interrupting]
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize(
    ("machine", "wanted"),
    [
        ("NUCLEO-F411RE with STM32F411xE", "nucleo_f411re"),
        ("PYBv1.1 with STM32F405RG", "f405"),
        ("Emulated patrol-car board with cortex-m4", "f405"),
        (None, "f405"),
    ],
)
def test_the_board_is_told_by_its_name(
    machine: str | None, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(FIRMWARE))
    if machine is not None:
        monkeypatch.setattr(sys.implementation, "_machine", machine, raising=False)
    chosen = runpy.run_path(str(FIRMWARE / "patrol" / "pins.py"))
    assert {key: value for key, value in chosen.items() if key.isupper()} == board(wanted)
    forget(sys.modules)


def forget(modules: dict[str, ModuleType]) -> None:
    """The firmware's modules are not the host's: no later test may find them."""
    for module in [name for name in modules if name.partition(".")[0] == "patrol"]:
        del modules[module]
