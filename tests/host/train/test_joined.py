"""Several logs are learned from as one, and nothing is predicted across their seams."""

from dataclasses import replace

import numpy as np
import pytest

from host.logs import Log, LogError
from host.train.predictors import residuals
from host.train.run import Settings, fit, join
from host.train.streams import Streams
from protocol.predict import ONE, Predictor, Tap
from protocol.schema import Schema
from tests.host.train.made_logs import linear_log, log_of

LONG = 40


def test_a_seam_is_no_change_and_its_rows_are_not_used():
    up, far = log_of(a=np.arange(LONG)), log_of(a=1_000_000 + 2 * np.arange(LONG))
    streams = Streams.of(up.rows, far.rows)
    seam = LONG - 1
    assert streams.starts == (0, seam)
    assert streams.changes[seam].tolist() == [0, 0]
    assert streams.values[:, 0].tolist() == [10_000] * (2 * LONG - 2)
    assert np.flatnonzero(~streams.usable).tolist() == [0, 1, 2, seam, seam + 1, seam + 2]


def test_no_predictor_sees_another_log_in_a_row_that_counts():
    draw = np.random.default_rng(1)
    one, other = (log_of(a=draw.integers(0, 99, LONG), b=draw.integers(0, 99, LONG)) for _ in range(2))
    alone, joined = Streams.of(other.rows), Streams.of(one.rows, other.rows)
    for predictor in (Predictor(median=True), Predictor((Tap(3 + 1, ONE), Tap(0 + 1, 77)))):
        of_both = residuals(joined, 2, predictor)[LONG - 1 :][joined.usable[LONG - 1 :]]
        assert of_both.tolist() == residuals(alone, 2, predictor)[alone.usable].tolist()


def test_a_joined_schema_holds_every_logs_values():
    small, large = log_of(a=[1, 2, 3]), log_of(a=[1, 70_000, 3])
    joined = join([small, large])
    assert [channel.format for channel in joined.schema.channels] == ["i32"]
    assert joined.schema.name == "made+1"


def test_logs_of_other_channels_are_refused():
    other = linear_log(50)
    odd = Log(Schema("odd", tuple(replace(c, scale=0.5) for c in other.schema.channels)), other.rows)
    with pytest.raises(LogError, match="odd: its channels are not those of made"):
        join([other, odd])


def test_a_log_of_one_row_is_refused_by_name():
    with pytest.raises(LogError, match="made: 1 row is too little"):
        join([linear_log(50), log_of(driver=[1], follower=[2])])


def test_the_same_logs_give_the_same_contract():
    joined = join([linear_log(400), linear_log(300, seed=9)])
    once, again = (fit(joined, Settings(predictor="linear", taps=2)).contract for _ in range(2))
    assert once.hash == again.hash
