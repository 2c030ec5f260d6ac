"""Gradient descent finds what is there to be found, with every optimiser, in integers."""

import numpy as np
import pytest

pytest.importorskip("optax")

from host.bench.predictors import LEAST_SQUARES, NETWORK, compare
from host.train.fit import predictor_cost
from host.train.gradient.descent import bits
from host.train.gradient.network import forward, train_networks
from host.train.gradient.optimizers import OPTIMIZERS, Descending
from host.train.gradient.problem import Problem
from host.train.gradient.taps import choose_sources, train_taps
from host.train.predictors import residuals
from host.train.run import join
from host.train.streams import Streams
from protocol.predict import ONE, Predictor
from tests.host.train.made_logs import bent_log, linear_log, log_of

DRIVER, FOLLOWER = 1, 2
LEVEL = 2 * 3
NAMES = ("sgd", "momentum", "nag", "adagrad", "adadelta", "rmsprop", "adam", "adamax", "nadam", "amsgrad")


@pytest.fixture(scope="module")
def problem():
    return Problem(Streams.of(linear_log().rows))


@pytest.fixture(scope="module")
def comparison():
    return compare(join([linear_log()]), taps=2, epochs=30, seed=0)


def test_the_ten_optimisers_have_names_and_sources():
    assert tuple(OPTIMIZERS) == NAMES
    assert all(optimizer.source[-4:].isdigit() for optimizer in OPTIMIZERS.values())


@pytest.mark.parametrize("name", NAMES)
def test_an_optimiser_lowers_the_loss_and_comes_close_to_least_squares(name, comparison):
    entry, reference = comparison.named(name), comparison.named(LEAST_SQUARES)
    assert entry.trained.fitting_loss[-1] < 0.95 * entry.trained.fitting_loss[0]
    assert len(entry.trained.fitting_loss) == 30
    assert entry.bits < 1.02 * reference.bits
    assert 0 < entry.multiply_adds <= 2 * 3


def test_the_best_optimiser_is_no_worse_than_least_squares(comparison):
    assert comparison.excess < 0.01
    assert comparison.best_gradient.bits == min(comparison.named(name).bits for name in NAMES)


def test_the_networks_work_is_told(comparison):
    assert comparison.named(NETWORK).multiply_adds > comparison.best_gradient.multiply_adds


def test_a_known_process_is_recovered(problem):
    chosen = choose_sources(problem, 2, seed=0)
    assert sorted(chosen[FOLLOWER]) == [DRIVER, LEVEL + FOLLOWER]
    predictor = train_taps(problem, chosen, Descending(epochs=30)).predictors[FOLLOWER]
    weights = {tap.source: tap.weight / ONE for tap in predictor.taps}
    assert weights[DRIVER] == pytest.approx(0.5, abs=0.02)
    assert weights[LEVEL + FOLLOWER] == pytest.approx(-0.125, abs=0.02)


def test_chosen_sources_are_those_a_decoder_has(problem):
    chosen = choose_sources(problem, 2, seed=0)
    for number, predictor in enumerate(train_taps(problem, chosen, Descending(epochs=30)).predictors):
        predictor.check(number, problem.streams.count)
    assert not chosen[0]


def test_the_seed_alone_decides(problem):
    chosen = choose_sources(problem, 2, seed=0)
    one, same, other = (
        train_taps(problem, chosen, Descending(epochs=30, seed=seed)).trained for seed in (3, 3, 4)
    )
    assert one.fitting_loss == same.fitting_loss
    assert one.fitting_loss != other.fitting_loss


def test_weights_beyond_a_taps_16_bits_are_cut_to_them():
    draw = np.random.default_rng(2)
    steps = draw.integers(-30, 31, 1200)
    streams = Streams.of(log_of(driver=np.cumsum(steps), follower=500 * np.cumsum(steps)).rows)
    problem = Problem(streams)
    predictor = train_taps(problem, [[], [], [DRIVER]], Descending(epochs=30)).predictors[FOLLOWER]
    assert [tap.weight for tap in predictor.taps] == [0x7FFF]


def test_a_stream_that_moves_seldom_and_unforeseen_gets_no_taps():
    draw = np.random.default_rng(3)
    walks = np.cumsum((draw.random((1200, 2)) < 0.1) * draw.choice([-1, 1], (1200, 2)), axis=0)
    streams = Streams.of(log_of(driver=walks[:, 0], follower=walks[:, 1]).rows)
    problem = Problem(streams)
    chosen = choose_sources(problem, 2, seed=0)
    predictors = train_taps(problem, chosen, Descending(epochs=30)).predictors
    assert predictors == [Predictor()] * 3


def test_the_loss_is_the_logarithm_with_its_corner_rounded_off():
    left = np.array([0.0, 1.0, -1000.0, 1e6], dtype=np.float32)
    assert np.asarray(bits(left))[0] == pytest.approx(0, abs=1e-6)
    assert np.asarray(bits(left))[2:] == pytest.approx(np.log2(1 + np.abs(left[2:])), rel=1e-3)


def test_a_network_learns_what_no_taps_can():
    streams = Streams.of(bent_log().rows)
    problem = Problem(streams)
    chosen = [[], [], [DRIVER, LEVEL + DRIVER, LEVEL + FOLLOWER]]
    taps = train_taps(problem, chosen, Descending(epochs=60)).predictors[FOLLOWER]
    training = train_networks(problem, chosen, Descending(epochs=60))
    in_integers = predictor_cost(streams, FOLLOWER, training.predictors[FOLLOWER])
    assert in_integers < predictor_cost(streams, FOLLOWER, taps) - 1


def test_a_network_in_integers_expects_what_the_trained_one_does():
    streams = Streams.of(bent_log().rows)
    problem, chosen = Problem(streams), [[], [], [DRIVER, LEVEL + DRIVER, LEVEL + FOLLOWER]]
    training = train_networks(problem, chosen, Descending(epochs=60))
    inputs = problem.examples(chosen, 3, streams.judging).inputs
    trained = np.asarray(forward(training.trained.parameters, inputs))[:, FOLLOWER] * problem.scales[FOLLOWER]
    left = residuals(streams, FOLLOWER, training.predictors[FOLLOWER])
    in_integers = (streams.changes[:, FOLLOWER] - left)[streams.judging]
    assert np.abs(in_integers - trained).max() < 2
