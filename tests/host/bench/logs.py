"""Logs that the benchmark's tests draw: any channels, any values."""

from hypothesis import strategies as st

from host.logs import Log
from protocol.schema import FORMATS, Channel, Row, Schema

_STEPS = st.one_of(st.sampled_from([0, 0, 0, 1, -1, 10_000]), st.integers(-(2**32), 2**32))


def _wandering(channel, draws):
    """Values from steps, mostly small, that stay in the channel's range by wrapping round."""
    low, high = channel.range
    value, values = low, []
    for step in draws:
        value = low + (value + step - low) % (high - low + 1)
        values.append(value)
    return values


@st.composite
def logs(draw, rows=40):
    """A log of `rows` rows and one to six channels of any formats; its clock may stand still or jump."""
    formats = draw(st.lists(st.sampled_from(sorted(FORMATS)), min_size=1, max_size=6))
    channels = tuple(Channel(f"c{index}", format=name) for index, name in enumerate(formats))
    steps = st.lists(_STEPS, min_size=rows, max_size=rows)
    clock = _wandering(Channel("clock", format="u32"), draw(steps))
    columns = [_wandering(channel, draw(steps)) for channel in channels]
    return Log(Schema("drawn", channels), tuple(map(Row, clock, zip(*columns, strict=True))))


def log_of(*columns, name="made", step_us=1000):
    """A log with these columns and a steady clock."""
    channels = tuple(Channel(f"c{index}") for index in range(len(columns)))
    rows = enumerate(zip(*columns, strict=True))
    return Log(Schema(name, channels), tuple(Row(step_us * number, values) for number, values in rows))
