"""What training tells about a contract is what its rows cost."""

import numpy as np
import pytest

from host.train.coded import coded_bits
from host.train.report import report_on
from host.train.run import Settings, fit, join
from protocol.bits import BitWriter
from protocol.rows import RowCoder
from tests.host.train.made_logs import linear_log, log_of


def quiet_log():
    """Two channels that share a group's symbol, and a lively one."""
    draw = np.random.default_rng(4)
    quiet = np.cumsum(draw.random((900, 2)) < 0.1, axis=0)
    return log_of(a=quiet[:, 0], b=quiet[:, 1], c=draw.integers(-90, 90, 900))


@pytest.fixture(scope="module")
def fitted():
    return fit(join([quiet_log()]), Settings(taps=2))


def test_bits_told_are_bits_written(fitted):
    coder, writer = RowCoder(fitted.contract), BitWriter()
    rows = fitted.streams.values.tolist()
    coder.restart(rows[2])
    for row in rows[3:]:
        coder.write(writer, row)
    written = len(writer) / len(rows[3:])
    own, shared = coded_bits(fitted.streams, fitted.contract, fitted.streams.usable)
    assert len(shared) >= 1
    # The activities of the first rows may differ.
    assert sum(own) + sum(shared) == pytest.approx(written, rel=0.005)


def test_a_report_adds_up_and_names_its_groups(fitted):
    report = report_on(fitted)
    document = report.to_json()
    assert document["bits"] == pytest.approx(
        sum(stream["bits"] for stream in document["streams"]) + sum(document["group_bits"])
    )
    assert document["ratio"] == pytest.approx(document["bits"] / document["limit_bits"])
    assert {stream.name for stream in report.streams if stream.group} >= {"a", "b"}
    assert document["hash"] == f"{fitted.contract.hash:08x}"
    assert (document["rows"], document["judging_rows"]) == (900, fitted.streams.judging.sum())


def test_the_predictor_told_is_the_one_in_the_contract():
    fitted = fit(join([linear_log()]), Settings(predictor="linear", taps=2))
    told = report_on(fitted).streams
    assert [stream.taps for stream in told] == [len(s.predictor.taps) for s in fitted.contract.streams]
    assert told[2].taps == 2
    assert told[2].tried[told[2].predictor] == min(told[2].tried.values())


def test_classical_predictors_alone_need_no_fitting():
    fitted = fit(join([linear_log(400)]), Settings(predictor="classical"))
    assert set(fitted.choices[1].tried) == {"order 1", "order 2", "mean of 2", "median of 3", "constant"}


def test_a_predictor_or_optimiser_of_no_such_name_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match=r"no predictor 'magic'; there are best, "):
        Settings(predictor="magic")
    with pytest.raises(ValueError, match=r"no optimiser 'magic'; there are sgd, "):
        Settings(optimizer="magic")
