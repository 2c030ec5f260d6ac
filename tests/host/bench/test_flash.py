"""`host bench flash`: both clients write all of the image, and the recorded figures are at the limit."""

from __future__ import annotations

import json
from shutil import which

import pytest

from host.bench.flash import measure
from tests.firmware_mpy.served import FIRMWARE


@pytest.mark.skipif(which("stm32flash") is None, reason="stm32flash is not installed (make setup does it)")
def test_both_clients_write_the_whole_image_at_the_pace_of_the_line() -> None:
    found = measure(2, 115_200, lambda what, done, of: None)
    assert [client["client"] for client in found["clients"]] == ["ours", "stm32flash"]
    for client in found["clients"]:
        assert client["whole"]
        assert client["blocks"] == 8
        assert 0 < client["of_limit"] < 256 / 268  # the protocol's own bytes are on the line, too


def test_the_recorded_rate_is_near_what_the_line_carries() -> None:
    told = json.loads((FIRMWARE.parent / "bench" / "results" / "flash.json").read_text())
    assert told["clients"][0]["of_limit"] >= 0.85
