"""Renode's NUCLEO-F411RE, and the script that starts it, against MicroPython's tables. Needs no Renode."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest

from host.emulate.sets import OFFICIAL_BOARDS
from tests.firmware_mpy.test_official_pins import config_of, pins_of, source, tree
from tests.renode.repl import ROOT, load_platform

FOLDER = ROOT / "renode" / "official"
PLATFORM = load_platform(FOLDER / "nucleo_f411re.repl")
SCRIPT = (FOLDER / "nucleo_f411re.resc").read_text(encoding="utf-8")
NUCLEO = "NUCLEO_F411RE"

# RM0383, table 1 and table 37: address and interrupt.
USARTS = {1: (0x4001_1000, 37), 2: (0x4000_4400, 38), 6: (0x4001_1400, 71)}


@pytest.fixture(scope="module")
def pins() -> dict[str, Any]:
    return pins_of(NUCLEO)


def test_the_chip_has_its_three_serial_ports_and_no_other() -> None:
    ports = {name: each for name, each in PLATFORM.items() if each.model == "UART.STM32_UART"}
    assert ports.keys() == {f"usart{number}" for number in USARTS}
    for number, (address, irq) in USARTS.items():
        assert ports[f"usart{number}"].addresses.start == address
        assert ports[f"usart{number}"].interrupts == [irq]


def test_console_and_link_lead_to_the_builds_ports(pins: dict[str, Any]) -> None:
    console = config_of(NUCLEO)["MICROPY_HW_UART_REPL"].removeprefix("PYB_UART_")
    connected = dict(re.findall(r"^connector Connect sysbus\.(\w+) (\w+)$", SCRIPT, re.MULTILINE))
    assert connected == {f"usart{console}": "repl", f"usart{pins['LINK_UART']}": "link"}


def test_memory_is_that_of_the_builds_linker_script() -> None:
    regions = re.findall(
        r"^\s+(\w+) \(\w+\)\s*: ORIGIN = (0x\w+), LENGTH = (\d+)K",
        source("ports/stm32/boards/stm32f411.ld"), re.MULTILINE,
    )
    assert len(regions) == 6
    blocks = [PLATFORM["flash"].addresses, PLATFORM["sram"].addresses]
    for name, start, kib in regions:
        region = range(int(start, 16), int(start, 16) + 1024 * int(kib))
        assert any(region[0] in block and region[-1] in block for block in blocks), name
        if name == "FLASH_FS":
            assert f"sysbus LoadBinary $files {start}" in SCRIPT
            assert len(region) == OFFICIAL_BOARDS[NUCLEO].flash_bytes


def test_the_clocks_are_the_builds() -> None:
    config = {name: value for name, value in config_of(NUCLEO).items() if name.startswith("MICROPY_HW_CLK")}
    assert config["MICROPY_HW_CLK_PLLP"] == "RCC_PLLP_DIV2"
    hz = 8_000_000 // int(config["MICROPY_HW_CLK_PLLM"]) * int(config["MICROPY_HW_CLK_PLLN"]) // 2
    assert int(PLATFORM["nvic"].settings["systickFrequency"]) == hz
    timers = [each for each in PLATFORM.values() if each.model == "Timers.STM32_Timer"]
    assert {int(timer.settings["frequency"]) for timer in timers} == {hz}


@pytest.mark.parametrize("timer", [2, 3, 4])
def test_a_timer_leads_to_the_pins_of_the_chips_table(timer: int) -> None:
    table = (tree() / "ports/stm32/boards/stm32f411_af.csv").read_text().splitlines()[2:]
    expected = set()
    for cells in ([cell.strip() for cell in line.split(",")] for line in table):
        for function, cell in enumerate(cells[2:18]):
            for channel in re.findall(rf"\bTIM{timer}_CH(\d)\b", cell):
                expected.add((int(channel) - 1, cells[1][1], int(cells[1][2:]), function))
    wired = set()
    for channel, target in PLATFORM[f"timer{timer}"].wires:
        if found := re.fullmatch(r"gpioPort([A-I])#(\d+)@(\d+)", target):
            wired.add((int(channel), found[1], int(found[2]), int(found[3])))
    assert wired == expected


@pytest.mark.parametrize(("motor", "observer"), [("LEFT_MOTOR", "pwm_left"), ("RIGHT_MOTOR", "pwm_right")])
def test_each_motors_pwm_is_observed(motor: str, observer: str, pins: dict[str, Any]) -> None:
    pin = pins[motor][0]
    assert (PLATFORM[observer].parent, PLATFORM[observer].place) == (f"gpioPort{pin[0]}", pin[1:])


def test_no_two_peripherals_are_at_one_address_and_every_wire_leads_somewhere() -> None:
    ends = sorted((p.addresses.start, p.addresses.stop, p.name) for p in PLATFORM.values() if p.addresses)
    for (_, stop, before), (start, _, after) in pairwise(ends):
        assert stop <= start, f"{before} and {after}"
    for peripheral in PLATFORM.values():
        for _, target in peripheral.wires:
            assert re.split("[@#]", target)[0] in PLATFORM, f"{peripheral.name} -> {target}"


def test_the_script_loads_what_is_there_or_is_built() -> None:
    files = dict(re.findall(r"^\$(\w+)\?=@(\S+)$", SCRIPT, re.MULTILINE))
    assert files.keys() == {"platform", "files"}
    assert (ROOT / files["platform"]).is_file()
    assert files["files"] == f"build/official/{NUCLEO}.fat.bin"


def test_neither_default_run_takes_the_suite() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert text.count("--exclude official") == 2
    assert "Test Tags         official" in (FOLDER / "official.robot").read_text(encoding="utf-8")
