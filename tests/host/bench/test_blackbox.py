"""The blackbox's encodings are those of its public description, and the plan is the cheapest grouping."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.bench.peers.blackbox import Blackbox, Group, Predictor
from host.bench.peers.blackbox_fields import Encoding
from host.bench.peers.blackbox_plan import cheapest_plan
from host.bench.scheme import measure
from protocol.schema import Channel, Row, Schema
from tests.host.bench.logs import log_of, logs

INT32 = st.one_of(st.integers(-70, 70), st.integers(-(2**31), 2**31 - 1))
INT16 = st.one_of(st.integers(-9, 9), st.integers(-(2**15), 2**15 - 1))


@pytest.mark.parametrize(
    ("encoding", "values", "written"),
    [
        (Encoding.SVB, [205, 1, -1, 42], [0x9A, 0x03, 0x02, 0x01, 0x54]),
        # The description's own example leaves out the zigzag that its text asks for.
        (Encoding.TAG8_8SVB, [0, 0, 4, 0, 8], [0b00010100, 0x08, 0x10]),
        (Encoding.TAG2_3S32, [1, -2, 0], [0b00_01_10_00]),
        (Encoding.TAG2_3S32, [-8, 7, 2], [0b0100_1000, 0b0111_0010]),
        (Encoding.TAG2_3S32, [-32, 31, 1], [0b10_100000, 0b011111, 0b000001]),
        (Encoding.TAG2_3S32, [32, 0, -33], [0b11_00_00_00, 32, 0, 0xDF]),
        (Encoding.TAG2_3S32, [32, -300, 70_000], [0b11_10_01_00, 32, 0xD4, 0xFE, 0x70, 0x11, 0x01]),
        (Encoding.TAG8_4S16, [13, 0, 4, 2], [0b01010010, 0x0D, 0x42]),
        (Encoding.TAG8_4S16, [0, -300, 0, -8], [0b01_00_11_00, 0xFE, 0xD4, 0x80]),
    ],
)
def test_fields_are_written_as_the_description_says(encoding, values, written):
    assert encoding.value.write(values) == bytes(written)


@given(st.data())
def test_a_group_of_any_fields_is_read_back_to_its_last_byte(data):
    encoding = data.draw(st.sampled_from(Encoding))
    count = data.draw(st.sampled_from(encoding.value.counts))
    field = INT16 if encoding is Encoding.TAG8_4S16 else INT32
    values = data.draw(st.lists(field, min_size=count, max_size=count))
    left = iter(encoding.value.write(values) + b"next")
    assert encoding.value.read(left, count) == values
    assert bytes(left) == b"next"


def test_predictors_are_the_last_value_the_line_and_the_mean():
    assert [predictor.predict(last=10, second=4) for predictor in Predictor] == [10, 16, 7]


def test_a_field_that_stands_still_costs_a_bit_in_a_row_of_flags():
    still = log_of(*[[5] * 50] * 7)
    groups = cheapest_plan(still.schema, still.rows).groups
    assert [group.encoding for group in groups] == [Encoding.TAG8_8SVB]
    assert len(groups[0].predictors) == 8


def test_a_ramp_is_followed_by_the_straight_line():
    ramp = log_of(range(0, 50_000, 1000))
    (group,) = cheapest_plan(ramp.schema, ramp.rows).groups
    assert group.predictors == (Predictor.STRAIGHT_LINE, Predictor.STRAIGHT_LINE)


def test_fields_of_32_bits_are_never_in_a_group_of_16():
    columns = [[(row * 37 + column) % 11 * 20 - 100 for row in range(60)] for column in range(8)]
    log = log_of(*columns)
    wide, narrow = log.schema, log.schema.narrowed(row.values for row in log.rows)
    used = [{group.encoding for group in cheapest_plan(form, log.rows).groups} for form in (wide, narrow)]
    assert Encoding.TAG8_4S16 not in used[0]
    assert Encoding.TAG8_4S16 in used[1]


def test_no_other_grouping_of_three_fields_is_cheaper_than_the_plan():
    columns = [[(row * row * factor) % 23 - 11 for row in range(80)] for factor in (1, 3)]
    log = log_of(*columns)
    best = _bytes(log, cheapest_plan(log.schema, log.rows).groups)
    others = [
        [Group(Encoding.SVB, (one,)) for one in predictors]
        for predictors in product(Predictor, repeat=3)
    ]
    others += [
        [Group(encoding, predictors)]
        for encoding in (Encoding.TAG8_8SVB, Encoding.TAG2_3S32)
        for predictors in product(Predictor, repeat=3)
    ]
    assert best <= min(_bytes(log, other) for other in others)


@settings(deadline=None)
@given(logs())
def test_what_the_plan_expects_of_its_rows_is_what_they_cost(log):
    plan = cheapest_plan(log.schema, log.rows)
    assert plan.bytes_per_row * (len(log.rows) - 2) == pytest.approx(_bytes(log, plan.groups))


def test_the_plan_knows_what_a_rare_jump_costs_three_fields_that_share_a_tag():
    columns = [[row * factor % 3 + row // 20 * 1000 for row in range(100)] for factor in (1, 2, 1)]
    log = log_of(*columns)
    plan = cheapest_plan(log.schema, log.rows)
    assert Encoding.TAG2_3S32 in {group.encoding for group in plan.groups}
    assert plan.bytes_per_row * 98 == pytest.approx(_bytes(log, plan.groups))


def _bytes(log, groups):
    """Of all rows but the first two, which are predicted from zeros and which the plan leaves out."""
    scheme = Blackbox(log.schema, groups)
    return sum([len(scheme.encode_row(row)) for row in log.rows][2:])


@given(st.lists(st.integers(-(2**15), 2**15 - 1), min_size=1, max_size=20))
def test_a_16_bit_field_jumps_over_its_whole_range_in_16_bits(values):
    schema = Schema("four", tuple(Channel(f"c{index}", format="i16") for index in range(4)))
    lines = (Predictor.STRAIGHT_LINE,) * 4
    groups = [Group(Encoding.SVB, (Predictor.PREVIOUS,)), Group(Encoding.TAG8_4S16, lines)]
    rows = [Row(index, (value, -1 - value, value, 0)) for index, value in enumerate(values)]
    assert measure(lambda: Blackbox(schema, groups), rows).decoded_ok
