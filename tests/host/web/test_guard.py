"""The page's server heeds only those who have the token and come from its own page."""

import pytest

from host.web.guard import Guard

HERE = Guard("127.0.0.1", "secret")
NETWORK = Guard("0.0.0.0", "secret")


@pytest.mark.parametrize("host", ["localhost:8321", "127.0.0.1:8321", "[::1]:8321", "127.0.0.1"])
def test_this_machine_is_known_by_its_own_names(host):
    assert HERE.knows_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8321", "127.0.0.1.evil.example", "192.168.1.7:8321", "", None, "[",
        "a@b",
    ],
)
def test_a_name_that_was_rebound_to_this_machine_is_refused(host):
    assert not HERE.knows_host(host)


def test_on_the_network_any_address_is_known_and_no_name_is():
    assert NETWORK.knows_host("192.168.1.7:8321")
    assert NETWORK.knows_host("[fe80::1]:8321")
    assert not NETWORK.knows_host("evil.example:8321")


def test_a_page_of_this_server_is_allowed_and_others_are_not():
    assert HERE.allows_origin("http://localhost:8321", "localhost:8321")
    assert HERE.allows_origin(None, "localhost:8321")  # a program, no page
    for other in ("http://evil.example", "http://localhost:9999", "https://localhost:8321", "null", ""):
        assert not HERE.allows_origin(other, "localhost:8321")


@pytest.mark.parametrize(
    "given", ["", "secre", "secret ", "Secret", None, 5, b"secret", ["secret"], "sécret", "\ud800"]
)
def test_only_the_token_is_the_token(given):
    assert HERE.has_token("secret")
    assert not HERE.has_token(given)


def test_the_header_is_a_bearers():
    assert HERE.has_header("Bearer secret")
    assert HERE.has_header("bearer  secret")
    for wrong in ("secret", "Basic secret", "Bearer", "Bearer other", "", None):
        assert not HERE.has_header(wrong)


def test_every_server_has_a_token_of_its_own():
    tokens = {Guard("127.0.0.1").token for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) >= 21 for token in tokens)  # 16 bytes in base 64
