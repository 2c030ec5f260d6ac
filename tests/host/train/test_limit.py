"""The limit is what a hand with paper comes to."""

import math

import numpy as np
import pytest

from host.train.limit import (
    conditional_entropy,
    corrected_entropy,
    previous_class,
    stream_limit,
)

ALL = np.ones(8, dtype=bool)
NAT = 1 / math.log(2)


def test_entropy_is_corrected_for_symbols_seen_seldom():
    # Shares 1/2, 1/4, 1/4: 1.5 bits, and two symbols more than one in eight samples.
    symbols = np.array([5, 5, 5, 5, -1, -1, 9, 9])
    assert corrected_entropy(symbols) == pytest.approx(1.5 + 2 / 16 * NAT)


def test_a_stream_that_never_changes_costs_nothing():
    assert corrected_entropy(np.zeros(8, dtype=np.int64)) == 0
    assert corrected_entropy(np.zeros(0, dtype=np.int64)) == 0


def test_each_class_is_counted_and_corrected_by_itself():
    # Class 0: six symbols, half 0 and half 1 (1 bit). Class 1: two of one kind (0 bits).
    symbols = np.array([0, 1, 0, 1, 0, 1, 7, 7])
    classes = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    assert conditional_entropy(symbols, classes) == pytest.approx(6 / 8 * (1 + 1 / 12 * NAT))


def test_the_class_is_the_bit_length_of_the_residual_before_up_to_3():
    residuals = np.array([0, 1, -1, 2, -3, 4, -700, 5])
    assert previous_class(residuals).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_the_limit_takes_the_best_predictor_plain_or_conditioned():
    noisy = np.array([3, -5, 8, 1, -9, 4, 6, -2])
    alternating = np.array([0, 4, 0, 4, 0, 4, 0, 4])
    # What follows 0 is 4, and what follows 4 is 0: nothing is left to tell, but for the first row.
    assert stream_limit([noisy, alternating], np.arange(8) > 0) == pytest.approx(0)
    assert stream_limit([noisy], ALL) == pytest.approx(
        min(3 + 7 / 16 * NAT, conditional_entropy(noisy, previous_class(noisy)))
    )


def test_only_judging_rows_count_but_the_row_before_them_may_be_another():
    residuals = np.array([9, 0, 9, 1, 9, 0, 9, 1])
    rows = np.array([False, True] * 4)
    assert stream_limit([residuals], rows) == pytest.approx(1 + 1 / 8 * NAT)


def test_no_predictor_has_no_limit():
    with pytest.raises(ValueError, match="empty"):
        stream_limit([], ALL)
