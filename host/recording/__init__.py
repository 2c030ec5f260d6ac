"""Recordings of what passed over a link, in MCAP (https://mcap.dev): Foxglove and PlotJuggler open them."""

from host.recording.errors import RecordingError
from host.recording.reader import Recording
from host.recording.recorder import Recorder, wall_epoch_ns

__all__ = ["Recorder", "Recording", "RecordingError", "wall_epoch_ns"]
