"""Renode's platform against the C code that runs on it. Nothing here needs Renode."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from host.emulate.application import ROM_ADDRESS, ROM_BYTES
from host.emulate.qemu import default_image
from tests.renode.repl import ROOT, Peripheral, load_platform

BOARD = ROOT / "firmware_mpy" / "board" / "F405"
SCRIPT = (ROOT / "renode" / "patrol_car.resc").read_text(encoding="utf-8")
PLATFORM = load_platform()


def _without_comments(path: Path) -> str:
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


SOURCES = {path.name: _without_comments(path) for path in sorted(BOARD.glob("*.[ch]"))}
HEADER = SOURCES["stm32f405.h"]

# What is in the address range of peripherals and is no address: two magic words.
NO_ADDRESSES = {0x50415400, 0x52534554}
_HEX = re.compile(r"\b0x([0-9A-Fa-f]{8})u?\b")


def _constant(name: str) -> int:
    found = re.search(rf"#define {name} \((\d+)\)", HEADER)
    assert found, name
    return int(found[1])


def _struct_bytes(name: str) -> int:
    body = re.search(rf"typedef struct \{{([^}}]*)\}} {name};", HEADER)
    assert body, name
    members = re.sub(r"reg32_t|;", " ", body[1]).replace(",", " ").split()
    return 4 * sum(int(count[1]) if (count := re.search(r"\[(\d+)\]", member)) else 1 for member in members)


def _blocks() -> dict[str, range]:
    """Every block of registers, and every single one, that the C code names."""
    blocks = {}
    for name, text in SOURCES.items():
        for number in (int(digits, 16) for digits in _HEX.findall(text)):
            is_peripheral = 0x4000_0000 <= number < 0x6000_0000 or 0xE000_0000 <= number < 0xE010_0000
            if is_peripheral and number not in NO_ADDRESSES:
                blocks[f"{name} {number:#x}"] = range(number, number + 4)
    for port in range(_constant("GPIO_PORTS")):
        start = 0x4002_0000 + 0x400 * port
        blocks[f"GPIO({port})"] = range(start, start + _struct_bytes("gpio_regs_t"))
    for timer in range(2, 6):
        start = 0x4000_0000 + 0x400 * (timer - 2)
        blocks[f"TIMER({timer})"] = range(start, start + _struct_bytes("timer_regs_t"))
    for start, *_ in _usarts():
        blocks[f"USART {start:#x}"] = range(start, start + _struct_bytes("usart_regs_t"))
    blocks["ADC1"] = range(0x4001_2000, 0x4001_2000 + _struct_bytes("adc_regs_t"))
    blocks["NVIC_ISER"] = range(0xE000_E100, 0xE000_E100 + 12)
    blocks["NVIC_ICER"] = range(0xE000_E180, 0xE000_E180 + 12)
    return blocks


def _usarts() -> list[tuple[int, int]]:
    """(address, interrupt) in the order of the driver's table, which is USART1 to 6."""
    found = re.findall(r"\(usart_regs_t \*\)(0x\w+), (\d+),", SOURCES["usart.c"])
    return [(int(address, 16), int(irq)) for address, irq in found]


def _vectors() -> dict[int, str]:
    """Handler by interrupt, as the vector table has them."""
    table = {}
    line = r"\[VECTOR_OF_IRQ\((\d+)\)(?: \.\.\. VECTOR_OF_IRQ\((\d+)\))?\] = (\w+)"
    for first, last, handler in re.findall(line, SOURCES["startup.c"]):
        for number in range(int(first), int(last or first) + 1):
            table[number] = handler
    return table


def _of_model(model: str) -> list[Peripheral]:
    return [peripheral for peripheral in PLATFORM.values() if peripheral.model == model]


def _is_covered(block: range) -> bool:
    return any(block[0] in each.addresses and block[-1] in each.addresses for each in PLATFORM.values())


def test_the_c_code_was_read() -> None:
    assert len(_usarts()) == 6
    assert len(_vectors()) == 82
    assert _struct_bytes("adc_regs_t") == 0x50
    assert _struct_bytes("timer_regs_t") == 0x44
    assert {"hal.c", "startup.c", "machine_pwm.c"} <= SOURCES.keys()


@pytest.mark.parametrize(("name", "block"), _blocks().items())
def test_what_the_board_touches_is_there(name: str, block: range) -> None:
    assert _is_covered(block), f"{name}: nothing at {block[0]:#x}..{block[-1]:#x}"


def test_an_address_that_nothing_backs_would_be_found() -> None:
    assert not _is_covered(range(0x4001_0000, 0x4001_0004))


def test_no_two_peripherals_are_at_one_address() -> None:
    ends = sorted((p.addresses.start, p.addresses.stop, p.name) for p in PLATFORM.values() if p.addresses)
    for (_, stop, before), (start, _, after) in pairwise(ends):
        assert stop <= start, f"{before} and {after}"


@pytest.mark.parametrize("region", ["FLASH", "RAM"])
def test_the_memory_of_the_linker_script_is_there(region: str) -> None:
    text = (BOARD / "f405.ld").read_text(encoding="utf-8")
    found = re.search(rf"{region} *: ORIGIN = (0x\w+), LENGTH = (\d+)K", text)
    assert found
    start = int(found[1], 16)
    assert _is_covered(range(start, start + int(found[2]) * 1024))


def test_the_application_has_its_place_in_flash() -> None:
    assert _is_covered(range(ROM_ADDRESS, ROM_ADDRESS + ROM_BYTES))


def test_the_emulators_word_is_ram() -> None:
    word = re.search(r"EMULATOR_WORD .*(0x2\w+)\)", SOURCES["semihosting.c"])
    assert word
    assert int(word[1], 16) + 3 in PLATFORM["sram"].addresses


@pytest.mark.parametrize(("number", "usart"), list(enumerate(_usarts(), 1)))
def test_a_serial_port_raises_the_interrupt_that_its_handler_is_for(
    number: int, usart: tuple[int, int]
) -> None:
    address, irq = usart
    name = f"{'uart' if number in (4, 5) else 'usart'}{number}"
    assert PLATFORM[name].addresses.start == address
    assert PLATFORM[name].interrupts == [irq]
    assert _vectors()[irq] == f"{name}_irq"


@pytest.mark.parametrize("name", [name for name, each in PLATFORM.items() if each.interrupts])
def test_no_other_peripheral_raises_a_serial_ports_interrupt(name: str) -> None:
    vectors = _vectors()
    for irq in PLATFORM[name].interrupts:
        assert irq in vectors, f"{name}: the vector table ends before {irq}"
        is_serial = PLATFORM[name].model == "UART.STM32_UART"
        assert (vectors[irq] != "fault_handler") == is_serial, f"{name} would call {vectors[irq]}"


def test_the_clocks_are_those_that_the_image_counts_on() -> None:
    assert int(PLATFORM["nvic"].settings["systickFrequency"]) == _constant("SYSCLK_HZ")
    timers = _of_model("Timers.STM32_Timer")
    assert [timer.name for timer in timers] == ["timer2", "timer3", "timer4", "timer5"]
    assert {int(timer.settings["frequency"]) for timer in timers} == {_constant("APB1_TIMER_HZ")}


def test_the_free_running_counter_has_32_bits() -> None:
    assert "TIMER(5)->ARR = 0xFFFFFFFF" in SOURCES["hal.c"]
    assert int(PLATFORM["timer5"].settings["initialLimit"], 16) == 0xFFFF_FFFF


def test_each_pin_of_the_pwm_driver_is_wired_to_its_channel() -> None:
    table = re.findall(r"\{ '([A-Z])', (\d+), (\d), (\d) \}", SOURCES["machine_pwm.c"])
    driver = {
        (f"timer{timer}", int(channel) - 1, f"gpioPort{port}", int(pin), 1 if timer == "2" else 2)
        for port, pin, timer, channel in table
    }
    wired = set()
    for timer in _of_model("Timers.STM32_Timer"):
        for source, target in timer.wires:
            if found := re.fullmatch(r"(gpioPort[A-I])#(\d+)@(\d+)", target):
                wired.add((timer.name, int(source), found[1], int(found[2]), int(found[3])))
    assert len(table) == 27
    assert wired == driver


@pytest.mark.parametrize(("motor", "observer"), [("LEFT_MOTOR", "pwm_left"), ("RIGHT_MOTOR", "pwm_right")])
def test_each_motors_pwm_is_observed(motor: str, observer: str) -> None:
    text = (ROOT / "firmware_mpy" / "patrol" / "boards" / "f405.py").read_text(encoding="utf-8")
    found = re.search(rf'{motor} = \("([A-I])(\d+)"', text)
    assert found
    port, pin = f"gpioPort{found[1]}", found[2]
    assert (PLATFORM[observer].parent, PLATFORM[observer].place) == (port, pin)
    assert (pin, f"{observer}@0") in PLATFORM[port].wires


def test_a_pin_has_one_entry_that_names_all_its_targets() -> None:
    for port in _of_model("GPIOPort.STM32_GPIOPort"):
        pins: list[int] = []
        for source in dict.fromkeys(source for source, _ in port.wires):
            first, _, last = source.strip("[]").partition("-")
            pins += range(int(first), int(last or first) + 1)
        assert sorted(pins) == list(range(16)), port.name


def test_every_target_of_a_wire_exists() -> None:
    for peripheral in PLATFORM.values():
        for _, target in peripheral.wires:
            assert re.split("[@#]", target)[0] in PLATFORM, f"{peripheral.name} -> {target}"


def test_port_a_can_be_told_from_none() -> None:
    """The image asks its MODER whether there is GPIO."""
    assert int(PLATFORM["gpioPortA"].settings["modeResetValue"], 16) != 0


def test_the_script_loads_files_that_are_there_or_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PATROL_FIRMWARE", raising=False)
    files = dict(re.findall(r"^\$(\w+)\?=@(\S+)$", SCRIPT, re.MULTILINE))
    assert files.keys() == {"platform", "image", "application"}
    assert (ROOT / files["platform"]).is_file()
    assert ROOT / files["image"] == default_image()
    assert files["application"] in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_script_uses_only_what_it_sets_and_what_the_platform_has() -> None:
    lines = [line for line in SCRIPT.splitlines() if not line.startswith(("#", ":"))]
    defined = {found[1] for line in lines if (found := re.match(r"\$(\w+)\?=", line))} | {"reset"}
    used = {name for line in lines for name in re.findall(r"\$(\w+)", line)}
    assert used == defined
    assert {name for line in lines for name in re.findall(r"sysbus\.(\w+)", line)} <= PLATFORM.keys()


def test_the_vector_table_is_set_after_the_image_was_loaded_and_at_every_reset() -> None:
    macro = re.search(r'^macro reset\n"""\n(.*?)"""\nrunMacro \$reset$', SCRIPT, re.MULTILINE | re.DOTALL)
    assert macro
    assert macro[1].split() == ["sysbus.cpu", "VectorTableOffset", "0x08000000"]
    assert SCRIPT.index("sysbus LoadELF $image") < macro.start()


def test_the_ports_of_the_script_differ_and_lead_to_usart_1_to_3() -> None:
    ports = dict(re.findall(r"^\$(\w+)_port\?=(\d+)$", SCRIPT, re.MULTILINE))
    assert len(set(ports.values())) == 3
    terminals = re.findall(r'CreateServerSocketTerminal \$(\w+)_port "(\w+)" false', SCRIPT)
    assert {name: name for name in ports} == dict(terminals)
    connected = re.findall(r"^connector Connect sysbus\.(usart\d) (\w+)$", SCRIPT, re.MULTILINE)
    assert connected == [("usart1", "repl"), ("usart2", "link"), ("usart3", "sensors")]
