"""Predictors say what they are said to, with 32-bit arithmetic that wraps; activities follow residuals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.context import LARGEST, context_of, next_activity
from protocol.predict import ONE, History, Predictor, Tap

ORDER_1 = Predictor()
LAST_CHANGE, LEVEL = 1, 2


def after(rows, bases=(0,)):
    """The history of one stream, or several, that has seen these rows."""
    history = History(bases)
    history.restart(rows[0])
    for row in rows[1:]:
        for stream, value in enumerate(row):
            history.sources[stream] = value - history.values[stream]
        history.advance()
    return history


@pytest.mark.parametrize(
    ("predictor", "change"),
    [
        (ORDER_1, 0),
        (Predictor((Tap(LAST_CHANGE, ONE),)), 7),
        (Predictor((Tap(LAST_CHANGE, -ONE // 2),)), -3),
        (Predictor((Tap(LEVEL, -ONE),)), -15),
        (Predictor(median=True), -2),
        (Predictor((Tap(LAST_CHANGE, 64), Tap(LEVEL, 64))), 6),
    ],
    ids=["order 1", "order 2", "mean of two", "constant", "median", "two taps"],
)
def test_a_predictor_expects_what_its_name_says(predictor, change):
    # Values 13, 8, 15 over a base of 0: changes -5, then 7; the median of the three is 13.
    assert after([(13,), (8,), (15,)]).predict(0, predictor) == change


def test_a_tap_may_use_the_change_of_an_earlier_stream_in_the_same_row():
    history = after([(1, 10), (2, 20)], bases=(0, 0))
    history.sources[0] = 4
    assert history.predict(1, Predictor((Tap(0, 2 * ONE),))) == 8


@given(st.lists(st.integers(-(1 << 31), (1 << 31) - 1), min_size=2, max_size=6), st.integers(-0x8000, 0x7FFF))
def test_no_prediction_leaves_32_bits(values, weight):
    history = History((0,))
    history.restart((values[0],))
    for value in values[1:]:
        history.sources[0] = ((value - history.values[0] + (1 << 31)) % (1 << 32)) - (1 << 31)
        history.advance()
        assert history.values[0] == value
    for predictor in (Predictor((Tap(LAST_CHANGE, weight), Tap(LEVEL, weight))), Predictor(median=True)):
        assert -(1 << 31) <= history.predict(0, predictor) < 1 << 31


def test_activity_settles_at_eight_times_what_keeps_coming_less_the_rounding():
    activity = 0
    for _ in range(100):
        activity = next_activity(activity, 10)
    assert 80 - 3 <= activity <= 80
    for _ in range(100):
        activity = next_activity(activity, 0)
    assert activity == 0


@given(st.integers(0, LARGEST << 3), st.integers(0, (1 << 32) - 1))
def test_activity_stays_within_19_bits(activity, value):
    assert 0 <= next_activity(activity, value) <= LARGEST << 3


def test_a_context_is_how_many_thresholds_are_reached():
    assert [context_of(activity, (5, 9)) for activity in (0, 4, 5, 8, 9, 100)] == [0, 0, 1, 1, 2, 2]
    assert context_of(77, ()) == 0
