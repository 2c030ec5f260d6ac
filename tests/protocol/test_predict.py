"""Predictors say what they are said to, with 32-bit arithmetic that wraps; activities follow residuals."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.context import CLASSES, LARGEST, class_of, next_activity
from protocol.network import Input, Network, Unit
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


def test_activity_settles_at_thirty_two_times_what_keeps_coming_less_the_rounding():
    activity = 0
    for _ in range(200):
        activity = next_activity(activity, 10)
    assert 320 - 15 <= activity <= 320
    for _ in range(200):
        activity = next_activity(activity, 0)
    assert activity == 0


@given(st.integers(0, LARGEST << 5), st.integers(0, (1 << 32) - 1))
def test_every_activity_has_a_class(activity, value):
    following = next_activity(activity, value)
    assert 0 <= following <= LARGEST << 5
    assert 0 <= class_of(following) < CLASSES


def test_a_class_is_an_octave_of_scale():
    assert [class_of(activity) for activity in (0, 1, 2, 3, 4, 7, 8)] == [0, 1, 2, 2, 3, 3, 4]
    assert class_of(LARGEST << 5) == CLASSES - 1


def test_a_network_bends_what_taps_expect_and_both_its_layers_are_clipped():
    network = Network((Input(1, 1),), (Unit((2,), -6, 256), Unit((-1,), 0, 512)), 0, 0)
    predictor = Predictor((Tap(1, 256),), network=network)
    history = History((0,))

    def expected(last_change):
        history.sources[1] = last_change
        return history.predict(0, predictor)

    # Of a change of 8, halved, unit 0 makes 2 * 4 - 6; unit 1 sleeps while its drive is negative.
    assert [expected(change) for change in (8, 6, 0, -4)] == [8 + 2, 6, 0, -4 + 2 * 2]
    assert expected(1_000_000) == 1_000_000 + (2 * 2047 - 6)
    assert expected(-1_000_000) == -1_000_000 + 2 * 2048
    steep = replace(network, units=(Unit((300,), 0, 256),))
    history.sources[1] = 1_000_000
    assert history.predict(0, Predictor(network=steep)) == 4095
