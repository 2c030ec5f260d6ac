"""The boards' pins, and what the firmware calls, against the source of MicroPython's stm32 port.

Alternate functions, pins and UARTs are read from the very files that an official build is made from.
"""

from __future__ import annotations

import ast
import csv
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host.emulate.application import ROOT, SOURCES
from host.emulate.sets import OFFICIAL_BOARDS

CONFIGURATION = ROOT / "build" / "board" / "configuration"
AF_TABLES = {"NUCLEO_F411RE": "stm32f411_af.csv", "PYBV11": "stm32f405_af.csv"}
BOARDS = list(OFFICIAL_BOARDS)

# Where the port has the names of each of its modules that the firmware uses.
MODULES = {
    "machine": ("ports/stm32/modmachine.c", "extmod/modmachine.c"),
    "pyb": ("ports/stm32/modpyb.c",),
    "time": ("extmod/modtime.c", "ports/stm32/modtime.c"),
    "select": ("extmod/modselect.c",),
    "gc": ("py/modgc.c",),
    "sys": ("py/modsys.c",),
}
CLASSES = {
    "Pin": ("ports/stm32/pin.c",),
    "ADC": ("extmod/machine_adc.c", "ports/stm32/machine_adc.c"),
    "Timer": ("ports/stm32/timer.c", "extmod/machine_timer.c"),
}


def tree() -> Path:
    """The source that the emulated board's image was built from."""
    return Path(CONFIGURATION.read_text().split()[0])


def source(*names: str) -> str:
    return "".join((tree() / name).read_text() for name in names if (tree() / name).exists())


def pins_of(board: str) -> dict[str, Any]:
    return runpy.run_path(str(SOURCES / "patrol" / "boards" / f"{OFFICIAL_BOARDS[board].pins}.py"))


def functions_of(board: str) -> dict[str, set[str]]:
    """What each pin of the chip can be, from its table of alternate functions, ADC inputs too."""
    table = tree() / "ports/stm32/boards" / AF_TABLES[board]
    rows = [[cell.strip() for cell in row] for row in csv.reader(table.read_text().splitlines())]
    return {
        row[1].removeprefix("P"): {each for cell in row[2:] for each in cell.split("/") if each}
        for row in rows[2:]
        if len(row) > 2
    }


def config_of(board: str) -> dict[str, str]:
    """The board's macros: name to value, a pin as in `Pin.cpu`."""
    text = source(f"ports/stm32/boards/{board}/mpconfigboard.h")
    defined = re.findall(r"^#define\s+(\w+)\s+\(?(\w+)\)?", text, re.MULTILINE)
    return {name: value.removeprefix("pin_") for name, value in defined}


def named_pins(pins: dict[str, Any]) -> Iterator[str]:
    """Every pin that a board's module names, the console's last."""
    for name, value in pins.items():
        if name.isupper() and name != "PWM_TIMERS":
            yield from _pins_in(value)


def _pins_in(value: Any) -> Iterator[str]:
    if isinstance(value, tuple):
        for each in value:
            yield from _pins_in(each)
    elif isinstance(value, str) and re.fullmatch(r"[A-H]\d+", value):
        yield value


@pytest.mark.parametrize("board", BOARDS)
def test_every_pin_is_on_the_board_and_has_one_use(board: str) -> None:
    listed = csv.reader(source(f"ports/stm32/boards/{board}/pins.csv").splitlines())
    there = {row[1].removeprefix("P") for row in listed if len(row) > 1}
    used = list(named_pins(pins_of(board)))
    assert len(used) > 25
    assert set(used) <= there
    assert len(used) == len(set(used))


@pytest.mark.parametrize("board", BOARDS)
def test_motors_are_on_channels_of_one_timer(board: str) -> None:
    pins, functions = pins_of(board), functions_of(board)
    motors = {pins["LEFT_MOTOR"][0], pins["RIGHT_MOTOR"][0]}
    assert set(pins["PWM_TIMERS"]) == motors
    assert len({timer for timer, _ in pins["PWM_TIMERS"].values()}) == 1
    for pin, (timer, channel) in pins["PWM_TIMERS"].items():
        assert f"TIM{timer}_CH{channel}" in functions[pin]


@pytest.mark.parametrize("board", BOARDS)
def test_encoders_are_on_channels_1_and_2_of_timers_of_their_own(board: str) -> None:
    pins, functions = pins_of(board), functions_of(board)
    timers = [timer for timer, _ in pins["PWM_TIMERS"].values()][:1]
    for timer, a, b in (pins["LEFT_ENCODER"], pins["RIGHT_ENCODER"]):
        assert f"TIM{timer}_CH1" in functions[a]
        assert f"TIM{timer}_CH2" in functions[b]
        timers.append(timer)
    assert len(timers) == len(set(timers)) == 3


@pytest.mark.parametrize("board", BOARDS)
def test_uarts_are_on_the_pins_that_the_build_has_them_on(board: str) -> None:
    pins, functions, config = pins_of(board), functions_of(board), config_of(board)
    uarts = [("LINK", pins["LINK_UART"])]
    uarts += [("SENSORS", pins["SENSORS_UART"])] if pins["SENSORS_UART"] is not None else []
    for name, number in uarts:
        for pin, way in zip(pins[f"{name}_PINS"], ("TX", "RX"), strict=True):
            assert {f"USART{number}_{way}", f"UART{number}_{way}"} & functions[pin]
            assert config[f"MICROPY_HW_UART{number}_{way}"] == pin
    assert config.get("MICROPY_HW_UART_REPL") != f"PYB_UART_{pins['LINK_UART']}"


def test_the_nucleos_console_is_where_the_build_has_it() -> None:
    pins, config = pins_of("NUCLEO_F411RE"), config_of("NUCLEO_F411RE")
    number = config["MICROPY_HW_UART_REPL"].removeprefix("PYB_UART_")
    assert tuple(config[f"MICROPY_HW_UART{number}_{way}"] for way in ("TX", "RX")) == pins["REPL_PINS"]


def test_the_nucleos_i2c_is_where_the_build_has_it() -> None:
    pins, config = pins_of("NUCLEO_F411RE"), config_of("NUCLEO_F411RE")
    bus, scl, sda = pins["I2C"]
    assert (config[f"MICROPY_HW_I2C{bus}_SCL"], config[f"MICROPY_HW_I2C{bus}_SDA"]) == (scl, sda)


@pytest.mark.parametrize("board", BOARDS)
def test_analog_inputs_are_inputs_of_adc_1(board: str) -> None:
    pins, functions = pins_of(board), functions_of(board)
    for pin in (*pins["LINE_ADCS"], pins["BATTERY_ADC"]):
        assert any(re.fullmatch(r"ADC1\d*_IN\d+", each) for each in functions[pin]), pin


@pytest.mark.parametrize("board", BOARDS)
def test_pins_that_interrupt_have_a_number_each(board: str) -> None:
    pins = pins_of(board)
    interrupting = [echo for _, echo in pins["RANGERS"]] + [pins["BUTTON"]]
    interrupting += [pin for encoder in ("LEFT_ENCODER", "RIGHT_ENCODER") for pin in pins[encoder][1:]]
    assert len({pin[1:] for pin in interrupting}) == len(interrupting)


def calls() -> Iterator[tuple[str, str]]:
    """(module or class of MicroPython, name of it) in all that a car runs."""
    known = {*MODULES, *CLASSES}
    for path in [*(SOURCES / "patrol").rglob("*.py"), *(SOURCES / "update").glob("*.py")]:
        # What only the emulated board has is asked for in a `try`: see the test's exceptions.
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in MODULES:
                yield from ((node.module, alias.name) for alias in node.names)
            elif isinstance(node, ast.Attribute):
                owner = ast.unparse(node.value).removeprefix("machine.").removeprefix("pyb.")
                if owner in known:
                    yield owner, node.attr


NOT_EVERYWHERE = {
    ("machine", "PWM"),  # from 1.28; pyb.Timer before
    ("machine", "Encoder"),  # the emulated board's and some ports'; pyb.Timer's ENC_AB else
}


def test_all_that_the_firmware_calls_is_in_the_stm32_port() -> None:
    missing = set()
    for owner, name in set(calls()) - NOT_EVERYWHERE:
        text = source(*{**MODULES, **CLASSES}[owner])
        if not re.search(rf"\bMP_QSTR_{name}\b", text):
            missing.add((owner, name))
    assert not missing
    assert len(set(calls())) > 20


def test_the_nucleo_has_the_memory_that_the_emulated_one_is_cut_to() -> None:
    text = source("ports/stm32/boards/stm32f411.ld")
    regions = re.findall(r"^\s+(\w+) \(\w+\)\s*:.*LENGTH = (\d+)K", text, re.MULTILINE)
    kib = {name: int(size) for name, size in regions}
    board = OFFICIAL_BOARDS["NUCLEO_F411RE"]
    assert board.flash_bytes == kib["FLASH_FS"] * 1024
    stack = 16 * 1024
    assert "_sstack = _estack - 16K" in text
    # What data and bss leave: between 3 and 8 KiB are theirs.
    assert 3 * 1024 < kib["RAM"] * 1024 - stack - board.heap_bytes < 8 * 1024
