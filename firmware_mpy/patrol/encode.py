"""Messages to bodies, and content to frames on the wire."""

import micropython

from patrol import checksum, cobs, contract, variants, wire
from patrol.buffers import copy

STORED = 1 << 3
KEY = 1 << 4
SIGNED = 1 << 4
ROWS_SHIFT = 5
"""Where the header's first byte has what is not the kind."""

CONTENT_SLACK = wire.HEADER_BYTES + wire.CHECKSUM_BYTES


def wire_bytes(body_bytes):
    """Room that a frame with such a body needs on the wire, delimiter included."""
    content = body_bytes + CONTENT_SLACK
    return content + content // 254 + 2


def compress_plain(message, size, codes, content, at):
    """Code message[:size] into content[at:] and answer the body's size; `size` when it is no shorter."""
    ahead = have = 0
    end = at + size
    start = at
    for index in range(size):
        symbol = message[index]
        packed = codes[2 * symbol] | codes[2 * symbol + 1] << 8
        ahead |= packed >> 4 << have
        have += packed & 15
        while have >= 8:
            content[at] = ahead & 255
            at += 1
            ahead >>= 8
            have -= 8
        if at >= end:
            return size
    if have:
        content[at] = (ahead | 0xFF << have) & 255
        at += 1
    return at - start


@micropython.viper
def compress_viper(message: ptr8, size: int, codes: ptr8, content: ptr8, at: int) -> int:
    ahead = have = index = 0
    start = at
    end = at + size
    while index < size:
        symbol = message[index] << 1
        packed = codes[symbol] | codes[symbol + 1] << 8
        index += 1
        ahead |= packed >> 4 << have
        have += packed & 15
        while have >= 8:
            content[at] = ahead
            at += 1
            ahead >>= 8
            have -= 8
        if at >= end:
            return size
    if have:
        content[at] = ahead | 0xFF << have
        at += 1
    return at - start


COMPRESS_VARIANTS = (compress_plain, compress_viper)
variants.keep_last(globals())


class FrameWriter:
    """One frame's content, and the same on the wire: both stay until the next frame.

    A body is written into `content` from HEADER_BYTES on, then sealed.
    """

    def __init__(self, body_bytes, compress=compress_viper, cobs_encode=cobs.encode, append=checksum.append):
        self.content = bytearray(body_bytes + CONTENT_SLACK)
        self.wire = bytearray(wire_bytes(body_bytes))
        self.size = self.written = 0
        self._compress = compress
        self._cobs_encode = cobs_encode
        self._append = append

    def put_message(self, control, sequence, message, size):
        """A frame with nothing but a message, compressed where that makes it shorter."""
        control |= self.write_message(message, size, wire.HEADER_BYTES)
        self.seal(control, sequence, self.written)

    def put_stored(self, control, sequence, message, size):
        """A frame with a message as it is."""
        copy(self.content, wire.HEADER_BYTES, message, size)
        self.seal(control | STORED, sequence, size)

    def write_message(self, message, size, at):
        """Write a message into the content, compressed where that makes it shorter.

        Answers STORED or 0, which belongs into the control byte; `written` is how many bytes it took.
        """
        self.written = self._compress(message, size, contract.MESSAGE_CODES, self.content, at)
        if self.written < size:
            return 0
        copy(self.content, at, message, size)
        self.written = size
        return STORED

    def seal(self, control, sequence, body_size):
        """Header and checksum around the body; then wire[:size] is what to send."""
        content = self.content
        content[0] = control
        content[1] = sequence & 255
        content[2] = sequence >> 8
        size = wire.HEADER_BYTES + body_size
        seed = contract.HASH if control & 7 != wire.KIND_HELLO else checksum.NO_SEED
        self._append(content, size, checksum.TABLE, seed)
        self.size = self._cobs_encode(content, size + wire.CHECKSUM_BYTES, self.wire)
