"""Entropies are what can be worked out by hand, and the limit is the cheapest of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.bench.limit import (
    conditional_entropy_bits,
    entropy_bits,
    limit_bytes,
    magnitude_class,
    stream_limit,
)
from host.bench.residuals import simple_residuals, streams_of
from protocol.schema import Row

LN2 = math.log(2)


def numbers(*values):
    return np.array(values, dtype=np.int64)


@pytest.mark.parametrize(
    ("symbols", "plain_bits"),
    [
        ((5,) * 8, 0),
        ((0, 1) * 4, 1),
        ((0, 1, 2, 3) * 2, 2),
        ((0, 0, 0, 7), 2 - 0.75 * math.log2(3)),
    ],
)
def test_an_entropy_is_shannons_with_millers_and_madows_correction(symbols, plain_bits):
    correction = (len(set(symbols)) - 1) / (2 * len(symbols) * LN2)
    assert entropy_bits(numbers(*symbols)) == pytest.approx(plain_bits + correction)


def test_no_symbols_have_no_entropy():
    assert entropy_bits(numbers()) == 0
    assert conditional_entropy_bits(numbers(3)) == 0


def test_a_class_is_the_bit_length_of_the_magnitude_up_to_six():
    residuals = numbers(0, 1, -1, 2, -3, 4, -7, 8, 15, 16, -31, 32, -63, 64, -(2**31))
    assert magnitude_class(residuals).tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6, 6]


def test_what_the_class_before_tells_costs_nothing():
    # After 0 always 1, after 1 always 0: nothing is left to tell. Plain, it is a bit.
    alternating = numbers(*[0, 1] * 50)
    assert conditional_entropy_bits(alternating) == 0
    assert entropy_bits(alternating) > 1


def test_each_class_counts_by_how_often_it_came_and_is_corrected_by_itself():
    # Followers of class 0: 0, 0, 8, 8, 0, 0 (six, two kinds); of class 4: 0, 0 (two, one kind).
    residuals = numbers(0, 0, 0, 8, 0, 8, 0, 0, 0)
    zero_share = 4 / 6
    shannon = -zero_share * math.log2(zero_share) - (1 - zero_share) * math.log2(1 - zero_share)
    assert conditional_entropy_bits(residuals) == pytest.approx(6 / 8 * (shannon + 1 / (2 * 6 * LN2)))


def test_a_stream_is_limited_by_its_cheapest_predictor_and_form():
    alternating, noise = numbers(*[0, 1] * 50), numbers(*range(100))
    limit = stream_limit({"poor": noise, "good": alternating})
    assert (limit.predictor, limit.conditioned, limit.bits) == ("good", True, 0)
    constant = stream_limit({"poor": noise, "constant": numbers(*[9] * 100)})
    assert (constant.predictor, constant.conditioned) == ("constant", False)


def test_the_limit_is_the_sum_of_the_streams_in_bytes():
    coin = {"only": numbers(*np.random.default_rng(1).integers(0, 2, 4000))}
    assert limit_bytes([coin] * 8) == pytest.approx(1, abs=0.01)


def test_a_stream_is_the_clocks_step_or_a_channel_without_its_first_row():
    rows = [Row(10, (1, 2**32 - 1)), Row(25, (3, 7)), Row(20, (4, 8))]
    assert [stream.tolist() for stream in streams_of(rows)] == [[15, -5], [3, 4], [7, 8]]


def test_values_and_steps_are_modulo_two_to_the_32():
    rows = [Row(2**32 - 5, (0,)), Row(5, (2**32 - 1,))]
    assert [stream.tolist() for stream in streams_of(rows)] == [[10], [-1]]


def test_simple_predictors_look_at_the_last_three_values():
    residuals = simple_residuals(numbers(10, 30, 20, 100, 0))
    assert {name: values.tolist() for name, values in residuals.items()} == {
        "order_1": [80, -100],
        "order_2": [90, -180],
        "mean_2": [75, -60],
        "median_3": [80, -30],
    }


@given(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=5))
def test_residuals_fit_32_bits_and_are_as_many_for_every_predictor(values):
    residuals = simple_residuals(numbers(*values)).values()
    assert {len(sequence) for sequence in residuals} == {max(0, len(values) - 3)}
    assert all(-(2**31) <= value < 2**31 for sequence in residuals for value in sequence.tolist())
