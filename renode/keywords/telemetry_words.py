"""Words for what the car tells of itself."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from car_words import ROWS_TO_SETTLE, Words
from robot.api.deco import keyword


class TelemetryWords(Words):
    """The stream of rows."""

    @keyword("Telemetry Comes ${hz:\\d+} Times A Second")
    def telemetry_rate(self, hz: int) -> None:
        """Sets the rate at which the car samples itself."""
        self.link.send("rate", {"hz": hz})

    @keyword("Telemetry Shows ${channel} ${relation:at|above|below} ${value:-?\\d+}")
    def telemetry_shows(self, channel: str, relation: str, value: int) -> None:
        """Waits, a bounded number of rows, for a row in which it is so."""
        last = None
        for row in self.rows(ROWS_TO_SETTLE):
            last = row.values[channel]
            if {"at": last == value, "above": last > value, "below": last < value}[relation]:
                return
        raise AssertionError(f"{channel} was {last} in the last of {ROWS_TO_SETTLE} rows")

    @keyword("${count:\\d+} Rows All Have ${channel} Between ${low} And ${high}")
    def rows_all_have(self, count: int, channel: str, low: str, high: str) -> None:
        """The limits are included."""
        values = [row.values[channel] for row in self.rows(count)]
        assert len(values) == count, f"only {len(values)} rows came"
        outside = [value for value in values if not Decimal(low) <= value <= Decimal(high)]
        assert not outside, f"{channel} was {outside[0]} in {len(outside)} of {count} rows"

    @keyword("Rows Are ${ms:\\d+} Ms Apart")
    def rows_are_apart(self, ms: int) -> None:
        """On the car's own clock: all of them forward in time, and their mean within a tenth."""
        times = [row.time_us for row in self.rows(ROWS_TO_SETTLE)]
        steps = [after - before for before, after in pairwise(times)]
        assert min(steps) > 0, f"a step of {min(steps)} us"
        mean = sum(steps) / len(steps)
        assert abs(mean - 1000 * ms) <= 100 * ms, f"they are {mean / 1000:.2f} ms apart"

    @keyword("No Row Comes Within ${ms:\\d+} Ms")
    def no_row_comes(self, ms: int) -> None:
        """Those under way before are taken first."""
        self.link.send("ping")
        self.link.next_rows(0)
        rows = self.link.next_rows(ms / 1000)
        assert not rows, f"{len(rows)} rows came"

    @keyword("No Row Was Lost")
    def no_row_was_lost(self) -> None:
        """Since the host connected: neither on the line nor here."""
        counters = self.link.counters
        assert counters.rows > 0, "none came at all"
        found = (counters.lost_frames, counters.rows_dropped)
        assert found == (0, 0), f"frames lost, rows dropped: {found}"
