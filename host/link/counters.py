"""What has passed over a link so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from protocol.frame import FrameStatus


@dataclass
class LinkCounters:
    """Counts since the link was opened; bytes are bytes on the wire, delimiters included."""

    bytes_received: int = 0
    bytes_sent: int = 0
    frames: dict[FrameStatus, int] = field(default_factory=lambda: dict.fromkeys(FrameStatus, 0))
    frames_unread: int = 0
    """Frames with a good checksum whose contents made no sense, or which no host expects."""
    replies_stray: int = 0
    """Replies that nobody waited for any more."""
    refused_session: int = 0
    """Frames of another session, left over on the wire."""
    refused_forged: int = 0
    """Frames whose code was not made with the car's key."""
    retries: int = 0
    telemetry_frames: int = 0
    telemetry_bytes: int = 0
    telemetry_without_key: int = 0
    """Telemetry frames that could not be decoded, because a frame that they build on was lost."""
    lost_frames: int = 0
    rows: int = 0
    rows_dropped: int = 0
    """Rows that were decoded but not fetched in time."""

    @property
    def frames_bad(self) -> int:
        """Frames of every status but GOOD."""
        return sum(self.frames.values()) - self.frames[FrameStatus.GOOD]
