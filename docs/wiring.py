"""Draws docs/wiring.svg and fills docs/hardware.md's table of pins, both from the boards' modules of pins.

python docs/wiring.py            writes them
python docs/wiring.py --check    fails when one is stale
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
BOARDS = DOCS.parent / "firmware_mpy" / "patrol" / "boards"
PICTURE, PAGE = DOCS / "wiring.svg", DOCS / "hardware.md"
BEGIN, END = "<!-- pins: written by docs/wiring.py -->\n", "<!-- end of pins -->\n"
SIDES = ("front", "left", "right")

Pins = dict[str, Any]


def board(name: str) -> Pins:
    """The constants of a board's module."""
    return runpy.run_path(str(BOARDS / f"{name}.py"))


@dataclass(frozen=True)
class Part:
    """A box of the picture: what it is, what to mind, and its signals, each with a pin or none."""

    title: str
    note: str
    signals: tuple[tuple[str, str | None], ...]


def parts(pins: Pins) -> tuple[list[Part], list[Part]]:
    """What is drawn on the left of the board, then on the right."""
    left, right = pins["LEFT_MOTOR"], pins["RIGHT_MOTOR"]
    encoders = [(side, pins[f"{side.upper()}_ENCODER"]) for side in ("left", "right")]
    bus, scl, sda = pins["I2C"]
    driver = [
        *zip(("PWMA", "AIN1", "AIN2"), left, strict=True),
        *zip(("PWMB", "BIN1", "BIN2"), right, strict=True),
    ]
    sensors = tuple(pins["SENSORS_PINS"]) or (None, None)
    return (
        [
            Part("TB6612 dual H bridge", "STBY to 3.3 V", tuple(driver)),
            *(
                Part(f"{side.capitalize()} encoder", f"TIM{timer}; 3.3 V", (("phase A", a), ("phase B", b)))
                for side, (timer, a, b) in encoders
            ),
            Part("Battery divider", "30 kΩ over 10 kΩ", (("tap", pins["BATTERY_ADC"]),)),
            Part(
                "Radio or Bluetooth",
                f"link, UART {pins['LINK_UART']}",
                (("RXD", pins["LINK_PINS"][0]), ("TXD", pins["LINK_PINS"][1])),
            ),
            Part(
                "Sensor log port",
                f"UART {pins['SENSORS_UART']}" if pins["SENSORS_UART"] else "not on this board",
                (("RXD", sensors[0]), ("TXD", sensors[1])),
            ),
        ],
        [
            *(
                Part(
                    f"HC-SR04 {side}", "5 V; divider on echo", (("trigger", trigger), ("echo, divided", echo))
                )
                for side, (trigger, echo) in zip(SIDES, pins["RANGERS"], strict=True)
            ),
            Part(
                "Line sensors",
                "TCRT5000, 3.3 V",
                tuple((f"{at + 1} of 5", pin) for at, pin in enumerate(pins["LINE_ADCS"])),
            ),
            Part("MPU-6050", f"I2C{bus}; 3.3 V", (("SCL", scl), ("SDA", sda))),
            Part(
                "Buzzer, LED, button",
                "button to ground",
                (("buzzer", pins["BUZZER"]), ("LED", pins["LED"]), ("button", pins["BUTTON"])),
            ),
            Part(
                "Console (REPL)",
                "USB serial or ST-Link",
                (("RXD", pins["REPL_PINS"][0]), ("TXD", pins["REPL_PINS"][1])),
            ),
        ],
    )


ROW, HEAD, GAP = 20, 44, 16
WIDTH, BOX, BOARD = 960, 216, 264
TOP = 84
BOARD_LEFT = (WIDTH - BOARD) // 2
COLOURS = ("#1f6f8b", "#8a5a00", "#5b3f8c", "#2e7d32", "#a03050", "#3a5a9b", "#6b6b00")


def picture(pins: Pins, other: Pins) -> str:
    """The wiring of one board as SVG; a pin that differs on the other board is followed by that one's."""
    columns, others = parts(pins), parts(other)
    heights = [sum(HEAD + ROW * len(part.signals) + GAP for part in column) - GAP for column in columns]
    bottom = TOP + max(heights)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 96}" '
        f'width="{WIDTH}" height="{bottom + 96}" font-family="Helvetica, Arial, sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{bottom + 96}" fill="#ffffff"/>',
        text(24, 34, "Wiring of the patrol car", size=20, weight="bold"),
        text(24, 56, "Pins of the STM32F405RG board; in brackets the NUCLEO-F411RE's where it differs."),
        f'<rect x="{BOARD_LEFT}" y="{TOP}" width="{BOARD}" height="{bottom - TOP}" rx="8" '
        'fill="#eef3f6" stroke="#33444f" stroke-width="2"/>',
        text(WIDTH // 2, TOP + 24, "STM32F405RG", anchor="middle", weight="bold", size=15),
        text(WIDTH // 2, TOP + 42, "(NUCLEO-F411RE)", anchor="middle"),
    ]
    for at, (column, elsewhere, height) in enumerate(zip(columns, others, heights, strict=True)):
        lines += side(column, elsewhere, TOP + (bottom - TOP - height) // 2, on_left=at == 0)
    lines += supply(bottom + 24)
    return "\n".join([*lines, "</svg>", ""])


def side(column: Iterable[Part], elsewhere: Iterable[Part], y: int, on_left: bool) -> list[str]:
    """A column of parts and their wires to the board."""
    x = 24 if on_left else WIDTH - 24 - BOX
    edge, board_edge = (x + BOX, BOARD_LEFT) if on_left else (x, BOARD_LEFT + BOARD)
    inside = 10 if on_left else -10
    anchor, board_anchor = ("end", "start") if on_left else ("start", "end")
    lines = []
    for at, (part, other) in enumerate(zip(column, elsewhere, strict=True)):
        colour = COLOURS[at % len(COLOURS)]
        height = HEAD + ROW * len(part.signals)
        lines += [
            f'<rect x="{x}" y="{y}" width="{BOX}" height="{height}" rx="6" fill="#fbfbf8" stroke="{colour}" '
            'stroke-width="1.5"/>',
            text(x + 12, y + 19, part.title, weight="bold"),
            text(x + 12, y + 35, both(part.note, other.note), size=11, fill="#555555"),
        ]
        for row, ((signal, pin), (_, other_pin)) in enumerate(zip(part.signals, other.signals, strict=True)):
            line_y = y + HEAD + ROW * row + 6
            name = both(pin, other_pin)
            lines += [
                f'<path d="M{edge} {line_y}H{board_edge}" stroke="{colour}" stroke-width="1.5" fill="none"/>',
                f'<circle cx="{edge}" cy="{line_y}" r="3" fill="{colour}"/>',
                f'<circle cx="{board_edge}" cy="{line_y}" r="3" fill="{colour}"/>',
                text(edge - inside, line_y + 4, signal, anchor=anchor),
                text(board_edge + inside, line_y + 4, name, anchor=board_anchor, weight="bold"),
            ]
        y += height + GAP
    return lines


def both(here: str | None, there: str | None) -> str:
    """What is so on one board and on the other one."""
    return here or "none" if here == there else f"{here or 'none'} ({there or 'none'})"


def supply(y: int) -> list[str]:
    """The way of the current, below all."""
    steps = (
        "Battery, 2 cells",
        "Fuse, emergency switch",
        "H bridge VM; 5 V regulator",
        "Board 5 V; 3.3 V for the rest",
    )
    width, gap = 198, (WIDTH - 48 - 4 * 198) // 3
    lines = []
    for at, step in enumerate(steps):
        x = 24 + at * (width + gap)
        lines += [
            f'<rect x="{x}" y="{y}" width="{width}" height="40" rx="6" fill="#fff4f2" stroke="#b3261e"/>',
            text(x + width // 2, y + 25, step, anchor="middle", size=12),
        ]
        if at:
            lines.append(f'<path d="M{x - gap} {y + 20}H{x}" stroke="#b3261e" stroke-width="2.5"/>')
    return [
        *lines,
        text(WIDTH // 2, y + 60, "All grounds are one.", anchor="middle", size=12, fill="#b3261e"),
    ]


def text(
    x: int,
    y: int,
    words: str,
    anchor: str = "start",
    weight: str = "normal",
    size: int = 13,
    fill: str = "#1c1c1c",
) -> str:
    """A line of text."""
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" font-size="{size}" '
        f'fill="{fill}">{escape(words)}</text>'
    )


def rows(pins: Pins) -> list[tuple[str, str]]:
    """What has which pins, a row of the table each."""
    sensors = pins["SENSORS_UART"]
    encoders = {side: pins[f"{side.upper()}_ENCODER"] for side in ("left", "right")}
    timers = pins["PWM_TIMERS"]
    bus, scl, sda = pins["I2C"]
    return [
        *(
            (
                f"{side} motor: PWM, forward, backward",
                ", ".join(motor) + f" (TIM{timers[motor[0]][0]} channel {timers[motor[0]][1]})",
            )
            for side, motor in (("left", pins["LEFT_MOTOR"]), ("right", pins["RIGHT_MOTOR"]))
        ),
        *((f"{side} encoder: A, B", f"{a}, {b} (TIM{timer})") for side, (timer, a, b) in encoders.items()),
        *(
            (f"{side} ranger: trigger, echo", ", ".join(pair))
            for side, pair in zip(SIDES, pins["RANGERS"], strict=True)
        ),
        ("line sensors, left to right", ", ".join(pins["LINE_ADCS"])),
        ("battery divider", pins["BATTERY_ADC"]),
        ("MPU-6050: SCL, SDA", f"{scl}, {sda} (I2C{bus})"),
        ("buzzer; LED; button", "; ".join((pins["BUZZER"], pins["LED"], pins["BUTTON"]))),
        ("link: TX, RX", ", ".join(pins["LINK_PINS"]) + f" (UART {pins['LINK_UART']})"),
        ("sensor log: TX, RX", ", ".join(pins["SENSORS_PINS"]) + f" (UART {sensors})" if sensors else "none"),
        ("console: TX, RX", ", ".join(pins["REPL_PINS"])),
    ]


def table(pins: Pins, other: Pins) -> str:
    """Both boards' pins in Markdown."""
    lines = ["| | STM32F405RG | NUCLEO-F411RE |", "|---|---|---|"]
    for (what, here), (_, there) in zip(rows(pins), rows(other), strict=True):
        lines.append(f"| {what} | {here} | {'the same' if here == there else there} |")
    return "\n".join([*lines, ""])


def made() -> dict[Path, str]:
    """Each file, with what it should have in it."""
    pins, other = board("f405"), board("nucleo_f411re")
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return {PICTURE: picture(pins, other), PAGE: before + BEGIN + table(pins, other) + END + after}


def main() -> int:
    """Write the files, or say which are stale."""
    files = made()
    if "--check" not in sys.argv[1:]:
        for path, content in files.items():
            path.write_text(content, encoding="utf-8")
        return 0
    stale = [
        path.name
        for path, content in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != content
    ]
    if stale:
        print(f"{', '.join(stale)}: not as the boards' pins say; run `make docs`")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
