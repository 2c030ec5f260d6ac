"""Rows are shown in their units, and the clock does not wrap."""

import json
from decimal import Decimal

import pytest

from host.link import LinkError
from host.monitor.physical import PhysicalRows, plain, worded
from host.monitor.plain import json_line, physical_rows, text_line
from protocol.contract import load_contract
from protocol.schema import Channel, Row, Schema

SCHEMA = Schema("rover", (Channel("speed", "m/s", 0.001), Channel("mode"), Channel("mass", "kg", 20.0)))


class OnceLink:
    """Stands in for a Link whose car sends these rows and then falls silent."""

    contract = load_contract()

    def __init__(self, rows):
        self.rows = rows
        self.key_requested = False

    def request_key(self):
        self.key_requested = True

    def telemetry(self, timeout_s):
        assert self.key_requested
        yield from self.rows


def test_values_are_scaled_exactly():
    row = PhysicalRows(SCHEMA).convert(Row(0, (300, -2, 3)))
    assert row.values == {"speed": Decimal("0.3"), "mode": Decimal(-2), "mass": Decimal(60)}


def test_values_have_the_decimals_of_their_scale():
    assert worded(Decimal("30.1"), Channel("duty", "%", 0.1)) == "30.1"
    assert worded(Decimal("8.2"), Channel("battery", "V", 0.001)) == "8.200"
    assert worded(Decimal("45.3515625"), Channel("heading", "deg", 0.087890625)) == "45.4"
    assert worded(Decimal("120000"), Channel("heap", "B", 16.0)) == "120000"


def test_modes_and_faults_are_shown_by_name():
    schema = load_contract().schema
    values = [0] * len(schema.channels)
    for name, value in (("mode", 2), ("faults", 0b10001)):
        values[[channel.name for channel in schema.channels].index(name)] = value
    line = text_line(PhysicalRows(schema).convert(Row(0, tuple(values))), schema)
    assert "mode patrol  faults encoder_left ranger  x 0 mm" in line


def test_the_clock_goes_on_when_32_bits_wrap():
    rows = PhysicalRows(SCHEMA)
    times = [rows.convert(Row(t, (0, 0, 0))).time_us for t in (4_294_967_000, 200, 100_200)]
    assert times == [4_294_967_000, (1 << 32) + 200, (1 << 32) + 100_200]


def test_a_line_has_names_values_and_units():
    row = PhysicalRows(SCHEMA).convert(Row(1_500_000, (300, -2, 3)))
    assert text_line(row, SCHEMA) == "     1.500 s  speed 0.300 m/s  mode -2  mass 60 kg"


def test_json_keeps_whole_numbers_whole():
    row = PhysicalRows(SCHEMA).convert(Row(5, (300, -2, 3)))
    assert json.loads(json_line(row)) == {"time_us": 5, "values": {"speed": 0.3, "mode": -2, "mass": 60}}
    assert '"mode": -2,' in json_line(row)
    assert isinstance(plain(Decimal("60.0")), int)


def test_as_many_rows_are_shown_as_were_asked_for():
    link = OnceLink([Row(at, (0,) * len(OnceLink.contract.schema.channels)) for at in range(9)])
    assert [row.time_us for row in physical_rows(link, count=5)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("count", [None, 3])
def test_a_car_that_falls_silent_is_reported_with_the_next_step(count):
    rows = physical_rows(OnceLink([Row(0, (0,) * len(OnceLink.contract.schema.channels))]), count)
    next(rows)
    with pytest.raises(LinkError, match=r"after 1 rows; set a rate with `host send rate 10`"):
        next(rows)
