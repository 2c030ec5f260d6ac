"""The golden vectors against the firmware, in MicroPython: every vector, every implementation there is here.

    micropython run_vectors.py protocol/vectors/vectors.jsonl

Prints a line for each failure and closes with a line of JSON. On the board it is main.py and the table is
in the ROM file system. Lines are read one by one: the board's memory does not hold the table.
"""

import gc
import json
import sys
from array import array
from binascii import hexlify, unhexlify

gc.threshold(2048)  # collect often while modules load: large pieces stay free
from patrol import variants

variants.keep_all = True  # the tests compare them
from patrol import (
    blocks,
    checksum,
    cobs,
    contract,
    decode,
    deframe,
    encode,
    rows,
    state,
    telemetry,
    tokens,
    variants,
    wire,
)
from patrol.car import Car
from patrol.commands import Commands
from update.record import BootRecord

BOARD_TABLE = "/rom/vectors.jsonl"


class StandInMotor:
    """In place of patrol.motors.Motor, which needs the board's pins."""

    def set(self, duty):
        pass


class Run:
    """What was checked so far."""

    def __init__(self):
        self.vectors = self.checks = self.failed = 0
        self._where = ""

    def take(self, vector):
        self.vectors += 1
        self._where = "{}: {}".format(vector["suite"], vector["name"])
        globals()["check_" + vector["suite"]](self, vector)

    def check(self, variant, what, found, expected):
        self.checks += 1
        if found != expected:
            self.failed += 1
            print("FAILED", self._where, variants.NAMES[variant], what, found, "expected", expected)


def hexed(data):
    return hexlify(data).decode()


def check_cobs(run, vector):
    plain = unhexlify(vector["plain"])
    for variant, encoder in enumerate(cobs.VARIANTS):
        wire_bytes = bytearray(len(plain) + len(plain) // 254 + 2)
        size = encoder(plain, len(plain), wire_bytes)
        run.check(variant, "encodes", hexed(wire_bytes[:size]), vector["wire"] + "00")
    for variant, take in enumerate(deframe.TAKE_VARIANTS):
        run.check(variant, "decodes", hexed(cobs_decoded(take, unhexlify(vector["wire"]))), vector["plain"])


def cobs_decoded(take, wire_bytes):
    content = bytearray(len(wire_bytes))
    state = deframe.new_state(len(wire_bytes))
    taken = take(state, content, wire_bytes, 0, len(wire_bytes))
    whole = taken == len(wire_bytes) and state[deframe.LEFT] == 0
    return content[: state[deframe.LENGTH]] if whole else b""


def check_crc(run, vector):
    data, seed = unhexlify(vector["data"]), unhexlify(vector["seed"])
    for variant, append in enumerate(checksum.VARIANTS):
        space = bytearray(data + bytes(8))
        append(space, len(data), checksum.TABLE, seed)
        run.check(variant, "appends", hexed(space[len(data) : len(data) + 4]), vector["crc"])
        run.check(variant, "holds", checksum.holds(space, len(data) + 4, seed, append), True)
        space[len(data)] ^= 1
        run.check(variant, "fails when changed", checksum.holds(space, len(data) + 4, seed, append), False)


def check_frame(run, vector):
    body = unhexlify(vector["body"])
    control = vector["kind"] | (vector["rows"] - 1) << encode.ROWS_SHIFT
    control |= (encode.STORED if vector["stored"] else 0) | (encode.KEY if vector["key"] else 0)
    for variant, append in enumerate(checksum.VARIANTS):
        cobs_encode = cobs.VARIANTS[min(variant, len(cobs.VARIANTS) - 1)]
        writer = encode.FrameWriter(len(body), cobs_encode=cobs_encode, append=append)
        writer.content[wire.HEADER_BYTES : wire.HEADER_BYTES + len(body)] = body
        writer.seal(control, vector["sequence"], len(body))
        run.check(variant, "seals", hexed(writer.wire[: writer.size]), vector["wire"])
    head = bytes((control, vector["sequence"] & 255, vector["sequence"] >> 8))
    for variant, deframer in deframers():
        status = fed_in_pieces(deframer, unhexlify(vector["wire"]), 7)
        run.check(variant, "status", status, "good")
        content = deframer.frame[: deframer.length - wire.CHECKSUM_BYTES]
        run.check(variant, "content", hexed(content), hexed(head + body))
        run.check(variant, "body size", deframer.body_size(), len(body))


def check_bad_frame(run, vector):
    for variant, deframer in deframers():
        for piece in (1, 3, 5000):
            status = fed_in_pieces(deframer, unhexlify(vector["wire"]), piece)
            run.check(variant, "status", status, vector["status"])
        run.check(variant, "count", deframer.counts[deframe.STATUSES.index(vector["status"])], 3)


def deframers():
    for variant, append in enumerate(checksum.VARIANTS):
        known = variant < len(deframe.TAKE_VARIANTS)
        yield variant, deframe.Deframer(variant if known else -1, append)


def fed_in_pieces(deframer, stream, piece):
    """The status of the last frame in a stream that arrives in pieces."""
    status = "none"
    for start in range(0, len(stream), piece):
        chunk = stream[start : start + piece]
        at = 0
        while at < len(chunk):
            at = deframer.feed(deframer.state, chunk, at, len(chunk))
            if deframer.status != deframe.PENDING:
                status = deframe.STATUSES[deframer.status]
    return status


def check_message(run, vector):
    message = unhexlify(vector["message"])
    for variant, compress in enumerate(encode.COMPRESS_VARIANTS):
        writer = encode.FrameWriter(len(message), compress=compress)
        writer.put_message(wire.KIND_REPLY, 0, message, len(message))
        run.check(variant, "compresses", hexed(sealed_body(writer)), vector["body"])
        run.check(variant, "stores", bool(writer.content[0] & encode.STORED), vector["stored"])
    for variant, decoder in decoders():
        size = expanded(decoder, unhexlify(vector["body"]), vector["stored"])
        run.check(variant, "expands", hexed(decoder.message[: max(size, 0)]), vector["message"])


def sealed_body(writer):
    deframer = deframe.Deframer()
    deframer.feed(deframer.state, writer.wire, 0, writer.size)
    return deframer.body[: deframer.body_size()]


def check_bad_message(run, vector):
    for variant, decoder in decoders():
        run.check(variant, "refuses", expanded(decoder, unhexlify(vector["body"]), False), -1)


def decoders():
    for variant, function in enumerate(decode.VARIANTS):
        yield variant, decode.Decoder(decode=function)


def expanded(decoder, body, stored):
    # What lies behind a body must not matter: it is checked with zeros and with ones there.
    sizes = [decoder.expand(body + bytes([fill] * decode.SLACK), len(body), stored) for fill in (0, 255)]
    return sizes[0] if sizes[0] == sizes[1] else "unsure"


def check_token(run, vector):
    residual = vector["residual"]
    zigzagged = residual << 1 ^ residual >> 31
    token = list(tokens.token_of(zigzagged & 0xFFFFFFFF))
    run.check(0, "token", token, [vector["token"], vector["raw"], vector["bits"]])
    written = []
    for variant, write in enumerate(tokens.WRITE_VARIANTS):
        words, content = state.new_state(), bytearray(wire.MAX_BODY)
        words[state.FIRST + state.STRIDE + state.RESIDUAL] = signed(zigzagged & 0xFFFFFFFF)
        write(words, content, contract.CODERS, contract.CODES, contract.ALONE_BYTES)
        written.append((hexed(content), list(words)))
        # the plain writer is held to the reference by the telemetry suite
        run.check(variant, "bits", written[variant], written[0])


def check_telemetry(run, vector):
    for variant in (0, 1, -1):
        counters = array("I", bytes(4 * (wire.COUNTER_HALTS + 1)))
        run.check(variant, "frames", encoded(variant, vector, counters), vector["frames"])
        counted = [counters[wire.COUNTER_TELEMETRY_ROWS], counters[wire.COUNTER_TELEMETRY_FRAMES]]
        run.check(variant, "counts", counted, [len(vector["rows"]), len(vector["frames"])])
        check_stored_rows(run, variant, vector)


def check_session(run, vector):
    from patrol import sha256  # other suites need their memory
    from patrol.session import Session

    named = Session()
    named.prepare(unhexlify(vector["nonce"]), 0, vector["boot"], vector["opening"], True)
    run.check(1, "name", [named.tag, named.first], [vector["tag"], vector["first"]])
    body = unhexlify(vector["body"])
    head = named.signed_head(vector["direction"], vector["counter"], vector["control"])
    for variant, compress in enumerate(sha256.VARIANTS):
        gc.collect()
        signer = sha256.Signer(unhexlify(vector["key"]), 256, compress)
        run.check(variant, "signed", signer.sign(head, body, 0, len(body)), True)
        code = unhexlify(vector["code"])
        run.check(variant, "code", hexlify(signer.code[: len(code)]).decode(), vector["code"])


def check_block(run, vector):
    if vector["streams"] > 1:  # for hosts alone; the board refuses it
        check_bad_block(run, vector)
        return
    for variant in range(len(blocks.DECODE_VARIANTS)):
        run.check(variant, "content", read_block(variant, vector), vector["content"])


def check_bad_block(run, vector):
    for variant in range(len(blocks.DECODE_VARIANTS)):
        run.check(variant, "refused", read_block(variant, vector), None)


def read_block(variant, vector):
    gc.collect()
    block = unhexlify(vector["block"])
    reader = blocks.BlockReader(2048, variant)
    taken = reader.read(block + b"\xa5" * blocks.SLACK, len(block))
    return hexlify(reader.content[: reader.size]).decode() if taken else None


def encoded(variant, vector, counters):
    parameters = array("i", wire.PARAMETER_DEFAULT)
    parameters[wire.PARAMETER_ROWS_PER_FRAME] = vector["rows_per_frame"]
    parameters[wire.PARAMETER_KEY_INTERVAL] = vector["key_interval_ms"]
    frames = []
    encoder = telemetry.TelemetryEncoder(
        parameters, counters, lambda writer: frames.append(described(writer)), variant
    )
    for values in vector["rows"]:
        for place, value in enumerate(values):
            encoder.row[place] = signed(value)
        if answer := encoder.append(encoder.row):
            encoder.finish(answer)
    encoder.flush()
    return frames


def described(writer):
    content = writer.content
    return {
        "sequence": content[1] | content[2] << 8,
        "stored": bool(content[0] & encode.STORED),
        "key": bool(content[0] & encode.KEY),
        "rows": (content[0] >> encode.ROWS_SHIFT) + 1,
        "body": hexed(sealed_body(writer)),
    }


def signed(value):
    return value - (1 << 32) if value >= 1 << 31 else value


def check_stored_rows(run, variant, vector):
    """Stored frames read back: the rows that came from the sensors' port are of this form."""
    unpack = rows.UNPACK_VARIANTS[variant]
    row = array("i", bytes(4 * contract.STREAMS))
    first = 0
    for frame in vector["frames"]:
        if frame["stored"]:
            at, body = 0, unhexlify(frame["body"])
            for values in vector["rows"][first : first + frame["rows"]]:
                at = unpack(body, at, rows.FORMATS, contract.STREAMS, row)
                run.check(variant, "row", list(row), [signed(value) for value in values])
        first += frame["rows"]


def check_dispatch(run, vector):
    motor = StandInMotor()
    car = Car(motor, motor)
    encoder = telemetry.TelemetryEncoder(car.parameters, car.counters, None)
    commands = Commands(car, encoder, None)
    for number, (message, reply) in enumerate(vector["exchanges"]):
        size = commands.execute(unhexlify(message), len(message) // 2)
        run.check(-1, f"reply {number}", hexed(commands.reply[:size]), reply)


def check_boot_record(run, vector):
    record = BootRecord("no folder")
    for packed in vector["files"]:
        record.take(unhexlify(packed))
    slots = [[slot.state, slot.size, hexed(slot.digest)] for slot in record.slots]
    found = [record.sequence, record.preferred, slots]
    run.check(-1, "read", found, [vector["sequence"], vector["preferred"], vector["slots"]])
    if record.sequence:
        run.check(-1, "written", hexed(record.packed()) in vector["files"], True)


def check_tables(run):
    """The tables made by viper are those made in plain Python."""
    words = array("I", bytes(1024))
    checksum.fill_table_plain(words)
    run.check(0, "checksum table", words == checksum.TABLE, True)
    entries = array("H", bytes(2 * len(decode.TABLE)))
    decode.fill_table_plain(entries, contract.MESSAGE_CODES)
    run.check(0, "decoder table", entries == decode.TABLE, True)


def main(table):
    run = Run()
    check_tables(run)
    with open(table) as lines:  # noqa: PTH123  MicroPython has no pathlib
        for line in lines:
            run.take(json.loads(line))
            gc.collect()
    result = {"platform": sys.platform, "vectors": run.vectors, "checks": run.checks, "failed": run.failed}
    result["variants"] = list(variants.NAMES[: len(decode.VARIANTS)])
    print(json.dumps(result))


main(sys.argv[1] if len(sys.argv) > 1 else BOARD_TABLE)
