"""What receiving and sending cost on this board, measured on a scratch car; the real one is not touched."""

import gc

import micropython
from micropython import const

from patrol import contract, cycles, decode, wire
from patrol.buffers import put16, put32
from patrol.car import Car
from patrol.decode import SLACK, TABLE
from patrol.deframe import GOOD, SIZES, Deframer
from patrol.encode import FrameWriter, compress_viper
from patrol.link import Link, hello_message
from patrol.telemetry import TelemetryEncoder
from patrol.variants import ACTIVE_DECODER

_BLOCK_BYTES = 1024
_CLOCK_STEP_US = const(20_000)

# Drive commands and their replies: what a radio carries all day.
_TYPICAL = b"\x03\x2c\x01\xec\xff\x03\x00\x2c\x01\xec\xff\x03\x90\x01\x0f\x00\x03\x00\x90\x01\x0f\x00"
_DRIVE = b"\x03\x2c\x01\xec\xff"
_BODY = wire.HEADER_BYTES + wire.COMMAND_HEAD_BYTES
_TAG = 0x9E37
"""Of the first session that a link opens, for the nonce 0."""


class _Sink:
    """In place of a UART and of a motor: takes everything and does nothing."""

    def write(self, data, start, size):
        return size

    def set(self, duty):
        pass


def measure(reply, at):
    """Put the results of `profile` into reply[at:]; answers where they end."""
    results = _block() + _frame() + _received() + _encoded()
    reply[at] = ACTIVE_DECODER
    at += 1
    for result in results:
        put32(reply, at, result)
        at += 4
    gc.collect()
    return at


def _block():
    """(bytes, ticks) of decoding a block of typical messages."""
    block = (_TYPICAL * (_BLOCK_BYTES // len(_TYPICAL) + 1))[:_BLOCK_BYTES]
    body = bytearray(_BLOCK_BYTES + SLACK)
    size = compress_viper(block, _BLOCK_BYTES, contract.MESSAGE_CODES, body, 0)
    decoder = decode.Decoder(_BLOCK_BYTES)
    decoder.expand(body, size, False)  # so that MicroPython's look-up cache knows the names
    cycles.start()
    decoded = decoder.expand(body, size, False)
    ticks = cycles.stop()
    _expect(decoded == _BLOCK_BYTES)
    return _BLOCK_BYTES, ticks


def _frame():
    """(ticks, bytes) from a drive command on the wire to its message, checked and decoded.

    The calls are those of receiver.py and link.py. What starting and stopping the count costs is taken off.
    """
    writer = _drive_frame()
    deframer = Deframer()
    decoder = decode.Decoder(sizes=memoryview(deframer.state)[SIZES : SIZES + 4])
    body = memoryview(deframer.frame)[_BODY:]
    _decoded(deframer, decoder, body, writer)  # so that MicroPython's look-up cache knows the names
    ticks = _decoded(deframer, decoder, body, writer)
    cycles.start()
    return ticks - cycles.stop(), writer.size


def _decoded(deframer, decoder, body, writer):
    feed, state = deframer.feed, deframer.state
    decode_message, sizes, message = decoder.decode, decoder.sizes, decoder.message
    wire_bytes, size, table = writer.wire, writer.size, TABLE
    cycles.start()
    feed(state, wire_bytes, 0, size)
    decoded = decode_message(body, table, message, sizes)
    ticks = cycles.stop()
    _expect(deframer.status == GOOD and decoded == len(_DRIVE))
    return ticks


def _received():
    """(heap bytes,) of drive commands received, executed and answered."""
    _, heap_bytes = _measured(_receive, _greeted_link(), _drive_frame())
    return (heap_bytes,)


def _receive(link, writer):
    for number in range(wire.PROFILE_FRAMES):
        writer.content[_BODY - 1] = number & 255  # the host has seen all replies before
        writer.seal(wire.KIND_COMMAND, number, wire.COMMAND_HEAD_BYTES + writer.written)
        link.receive(writer.wire, writer.size)
    _expect(link._replies.next == wire.PROFILE_FRAMES)


def _encoded():
    """(ticks, rows, heap bytes) of rows whose channels all move a little, from values to sealed frames."""
    sink = _Sink()
    car = Car(sink, sink)
    encoder = TelemetryEncoder(car.parameters, car.counters, _do_not_send)
    _append(encoder, 1)  # the key row, which is one of hundreds
    ticks, heap_bytes = _measured(_append, encoder, wire.PROFILE_FRAMES)
    return ticks - _measured(_move_only, encoder, wire.PROFILE_FRAMES)[0], wire.PROFILE_FRAMES, heap_bytes


@micropython.viper
def _do_not_send(writer):
    pass


def _append(encoder, count):
    row, append = encoder.row, encoder.append
    for number in range(count):
        _move(row, number, contract.STREAMS)
        if answer := append(row):
            encoder.finish(answer)


def _move_only(encoder, count):
    """What `_append` does beside what is to be measured."""
    row = encoder.row
    for number in range(count):
        _move(row, number, contract.STREAMS)


@micropython.viper
def _move(row: ptr32, number: int, streams: int):
    row[0] = row[0] + _CLOCK_STEP_US
    stream = 1
    while stream < streams:
        row[stream] = row[stream] + (number + stream) % 5 - 2
        stream += 1


def _drive_frame():
    """A drive command, the first of the session that link() opens for the nonce 0."""
    writer = FrameWriter(wire.COMMAND_HEAD_BYTES + len(_DRIVE))
    put16(writer.content, wire.HEADER_BYTES, _TAG)
    writer.write_message(_DRIVE, len(_DRIVE), _BODY)
    writer.seal(wire.KIND_COMMAND, 0, wire.COMMAND_HEAD_BYTES + writer.written)
    return writer


def _greeted_link():
    """A link with a session offered to the nonce 0; the first frame opens it."""
    sink = _Sink()
    link = Link(sink, Car(sink, sink), measure)
    hello = hello_message(b"")[0][:-21] + bytes(4)
    writer = FrameWriter(len(hello))
    writer.put_stored(wire.KIND_HELLO, 0, hello, len(hello))
    link.receive(writer.wire, writer.size)
    return link


def _measured(work, first, second):
    """(ticks, heap bytes) of work(first, second), with nothing collected meanwhile."""
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    cycles.start()
    work(first, second)
    ticks = cycles.stop()
    heap_bytes = gc.mem_alloc() - before
    gc.enable()
    return ticks, heap_bytes


def _expect(holds):
    if not holds:
        raise RuntimeError("what was measured went wrong")
