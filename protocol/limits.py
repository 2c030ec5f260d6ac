"""Limits of the wire, shared by every layer. docs/SPEC.md gives the reasons."""

PROTOCOL_VERSION = 3

MAX_FRAME = 512
"""Bytes of a frame between delimiters, before COBS: header, body and checksum."""

HEADER_BYTES = 3
CHECKSUM_BYTES = 4
MAX_BODY = MAX_FRAME - HEADER_BYTES - CHECKSUM_BYTES

MAX_MESSAGE = 256
"""Bytes of a message once decompressed. A decoder stops there whatever the bits say."""

MAX_CODE_BITS = 12
"""Longest Huffman code. A one-step decode table then has 4,096 entries."""

MAX_CHANNELS = 64
"""Channels of a telemetry schema, the clock not counted."""

MAX_ROWS = 8
"""Telemetry rows in one frame."""

WINDOW = 8
"""Commands that may be under way at once."""

MAC_BYTES = 8
"""Of the code behind a signed frame's body: HMAC-SHA256, the first 64 of its 256 bits."""

KEY_BYTES = 32
"""Of the key that pairs a host with a car."""
