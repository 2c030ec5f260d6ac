"""Serves the firmware to a test: a JSON object a line in, a JSON object a line out. Runs in MicroPython.

On the unix port it is started with MICROPYPATH=firmware_mpy; on the board it is main.py and the console is
its line. UART, motors, battery and clock are stand-ins (firmware_mpy/unix/stand_ins.py); everything else is
the firmware.
"""

import gc
import json
import os
import sys
from array import array
from binascii import crc32, hexlify, unhexlify

import micropython

gc.threshold(2048)  # collect often while modules load: large pieces stay free
from patrol import variants

variants.keep_all = True  # the tests compare them
from patrol import cobs, decode, deframe, encode, frames, pairing, profile, sha256, telemetry, wire
from patrol.car import Car
from patrol.clock import Clock
from patrol.link import Link
from patrol.pairing import Pairing
from patrol.sampling import Sampler
from patrol.sensors import Sensors
from patrol.window import Replies
from stand_ins import StandInBattery, StandInMotor, StandInTicks, StandInUart

frames.release()  # as the loop does when all is loaded


class Firmware:
    """A car without its hardware, and the parts it is made of."""

    def __init__(self):
        self.uart, self.ticks = StandInUart(), StandInTicks()
        self.left, self.right = StandInMotor(), StandInMotor()
        self.car = Car(self.left, self.right, Clock(self.ticks), Pairing())
        self.link = Link(self.uart, self.car, profile.measure, b"served")
        self.sensors = Sensors(None, self.car, self.link.telemetry)
        self.sampler = Sampler(self.car, self.link.telemetry, StandInBattery())

    def on_link(self, data, locked=False, per_write=4096):
        """Feed the link; with `locked`, any allocation on the way is a MemoryError."""
        self.uart.per_write = per_write
        self._fed(self.link, unhexlify(data), locked)
        return {"sent": self.uart.take()}

    def on_sensors(self, data, locked=False):
        self._fed(self.sensors, unhexlify(data), locked)
        return {"sent": self.uart.take()}

    def _fed(self, receiver, data, locked):
        if locked:
            micropython.heap_lock()
        try:
            receiver.receive(data, len(data))
        finally:
            if locked:
                micropython.heap_unlock()

    def pass_time(self, step_us, turns=1, locked=False):
        """Let time pass, turn by turn of the loop; answers what was sent and how long it would idle."""
        if locked:
            micropython.heap_lock()
        for _ in range(turns):
            self.ticks.advance(step_us)
            self.car.supervisor.poll()
            self.car.update_clock()
            self.sampler.poll(321)
        if locked:
            micropython.heap_unlock()
        return {"sent": self.uart.take(), "wait_ms": self.car.supervisor.wait_ms(self.sampler.wait_ms())}

    def skip_time(self, ms):
        """Days at once: the ticks as after so long, the clock told in steps that it can take."""
        step_ms = 500_000
        while ms:
            step = min(ms, step_ms)
            self.ticks.advance(1000 * step)
            self.car.supervisor.poll()
            self.car.update_clock()
            ms -= step
        return {}

    def stall(self, us):
        """Let time pass without a turn of the loop; then the timer looks."""
        self.ticks.advance(us)
        self.car.supervisor.look(None)
        return {"duties": [self.left.duty, self.right.duty]}

    def replies_kept(self, steps):
        """Keep replies of these sizes, each filled with its number; at 0 the oldest was seen."""
        replies, content, refused, wrong, most = Replies(), bytearray(300), 0, 0, 0
        replies.restart(65_530)
        sizes = {}
        for size in steps:
            if size and replies.has_room():
                for index in range(size):
                    content[index] = replies.next & 255
                sizes[replies.next] = size
                replies.keep(replies.next & 127, content, 0, size)
            elif replies.first < replies.next:
                refused += size > 0
                replies.forget(replies.first + 1)
            most = max(most, replies.next - replies.first)
            for number in range(replies.first, replies.next):
                kept = replies.copy_out(number, content, 2)
                whole = content[2 : 2 + kept] == bytes([number & 255] * sizes[number])
                wrong += not whole or replies.control_of(number) != number & 127
        while replies.first < replies.next:
            replies.forget(replies.first + 1)
        return {"refused": refused, "wrong": wrong + (not replies.has_room()), "most": most}

    def signed(self, variant, key, head, body):
        signer = sha256.Signer(unhexlify(key), 512, sha256.VARIANTS[variant])
        done = signer.sign(unhexlify(head), b"..." + unhexlify(body), 3, len(body) // 2)
        return {"code": hexlify(signer.code).decode() if done else None}

    def boot_files(self):
        """Writes to the counts of starts in this start."""
        return {"writes": int(self.car.pairing.boot != 0)}

    def damage_boot(self, which):
        counts = sorted([(pairing._count(name), name) for name in pairing._BOOT_FILES])
        for place, (_, name) in enumerate(counts):
            if which == "older gone" and place == 0:
                os.remove(name)  # noqa: PTH107
            elif which == "both" or which == ("older", "newer")[place]:
                with open(name, "wb") as file:  # noqa: PTH123
                    file.write(b"\x01\x02")
        return {}

    def torn_key(self):
        with open(pairing._KEY_FILE + ".part", "wb") as file:  # noqa: PTH123
            file.write(b"half of a key")
        return {}

    def unpair(self):
        pairing.unpair()
        return {}

    def log_commands(self):
        """From now on, across restarts, write down every command that is executed."""
        commands = self.link.commands
        self._execute = commands.execute
        commands.execute = self._execute_logged
        return {}

    def _execute_logged(self, message, size):
        log.append(hexlify(message[: max(size, 0)]).decode())
        return self._execute(message, size)

    def executed(self):
        """What was executed since this was asked last."""
        commands = log[:]
        log.clear()
        return {"commands": commands}

    def link_ram(self):
        """Bytes of heap that a link takes, without telemetry's encoder; and what its tables take besides."""
        parts = []
        for make in (
            lambda: Link(self.uart, self.car, profile.measure, b"served"),
            lambda: telemetry.TelemetryEncoder(self.car.parameters, self.car.counters, None),
            lambda: sha256.Signer(bytes(32), 282),
        ):
            gc.collect()
            before = gc.mem_alloc()
            made = make()
            parts.append(gc.mem_alloc() - before)
            del made
        return {"link": parts[0] - parts[1], "signer": parts[2], "tables": 2 * len(decode.TABLE) + 1024}

    def without_what_takes_heap(self):
        """From now on no command may take heap: profile, pairing and files do by design."""
        self.link.commands._files = NoFiles()
        self.link.commands._measure = _not_measured
        self.car.pairing = None
        return {}

    def state(self):
        car = self.car
        return {
            "speed": car.drive.speed,
            "turn": car.drive.turn,
            "duties": [self.left.duty, self.right.duty],
            "parameters": list(car.parameters),
            "counters": list(car.counters),
            "rate_hz": car.rate_hz,
            "samples_itself": car.samples_itself,
            "reboot_wanted": car.reboot_wanted,
            "is_halted": car.is_halted,
            "is_cut": car.drive.is_cut,
        }

    def deframed(self, variant, chunks, wire_bytes_before=0):
        """Every frame in a stream that arrives in chunks: status, bytes on the wire, content."""
        deframer, frames = deframe.Deframer(variant), []
        deframer.state[deframe.WIRE] = wire_bytes_before
        for chunk in map(unhexlify, chunks):
            at = 0
            while at < len(chunk):
                at = deframer.feed(deframer.state, chunk, at, len(chunk))
                if deframer.status != deframe.PENDING:
                    good = deframer.status == deframe.GOOD
                    content = deframer.frame[: deframer.length - wire.CHECKSUM_BYTES] if good else b""
                    status = deframe.STATUSES[deframer.status]
                    frames.append([status, deframer.wire_bytes, hexlify(content).decode()])
        return {"frames": frames}

    def expanded(self, variant, body, stored):
        decoder, body = decode.Decoder(decode=decode.VARIANTS[variant]), unhexlify(body)
        size = decoder.expand(body + b"\xa5" * decode.SLACK, len(body), stored)
        return {"message": hexlify(decoder.message[:size]).decode() if size >= 0 else None}

    def block(self, variant, block, limit):
        """The content of a block, None where it is refused; and the heap that reading it again takes."""
        from patrol import blocks  # other tests need its memory

        block = unhexlify(block)
        size, data = len(block), bytearray(block + b"\xa5" * blocks.SLACK)
        reader = blocks.BlockReader(limit, variant)
        taken = reader.read(data, size)
        content = hexlify(reader.content[: reader.size]).decode() if taken else None
        gc.collect()
        before = gc.mem_alloc()
        reader.read(data, size)
        heap = gc.mem_alloc() - before  # not within the answer, which takes heap itself
        return {"content": content, "heap": heap}

    def reader_takes(self, limit):
        """Bytes of heap for a reader of blocks, with what is needed for a moment only."""
        from patrol import blocks

        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        blocks.BlockReader(limit)
        taken = gc.mem_alloc() - before
        gc.enable()
        return {"bytes": taken}

    def block_of(self, content):
        """The block that the board makes of a content."""
        from patrol.block_writer import BlockWriter

        content = unhexlify(content)
        writer = BlockWriter(max(len(content), 1))
        size = writer.write(content, len(content))
        return {"block": hexlify(writer.block[:size]).decode()}

    def sealed(self, variant, message, sequence):
        writer = encode.FrameWriter(
            len(message) // 2, encode.COMPRESS_VARIANTS[variant], cobs.VARIANTS[variant]
        )
        writer.put_message(wire.KIND_REPLY, sequence, unhexlify(message), len(message) // 2)
        return {"wire": hexlify(writer.wire[: writer.size]).decode()}

    def telemetry(self, variant, rows_per_frame, key_interval_ms, rows):
        """Frames of rows on the wire. Of a row that is None, a key is requested instead; of [], a flush."""
        frames = []
        encoder = self._encoder(
            lambda writer: frames.append(hexlify(writer.wire[: writer.size]).decode()),
            variant,
            rows_per_frame,
            key_interval_ms,
        )
        for row in rows:
            if row is None:
                encoder.request_key()
            elif row:
                for place, value in enumerate(row):
                    encoder.row[place] = value - (value >> 31 << 32)
                if answer := encoder.append(encoder.row):
                    encoder.finish(answer)
            else:
                encoder.flush()
        return {"frames": frames}

    def walk(self, variant, rows, quiet):
        """The CRC-32 over the frames of rows that the test can work out, too."""
        self._crc = 0
        encoder = self._encoder(self._take_sum, variant, 4, 500)
        row = encoder.row
        for number in range(rows):
            for place in range(len(row)):
                value = number * number * (place + 3) // (1 + place % 7)
                if (number + place) % (quiet + place % 11) == 0:
                    value += number * place * 7919_7919
                value &= 0xFFFFFFFF
                row[place] = value - (value >> 31 << 32)
            if answer := encoder.append(row):
                encoder.finish(answer)
        encoder.flush()
        return {"crc": self._crc}

    def _take_sum(self, writer):
        self._crc = crc32(writer.wire[: writer.size], self._crc)

    def _encoder(self, send, variant, rows_per_frame, key_interval_ms):
        parameters = array("i", wire.PARAMETER_DEFAULT)
        parameters[wire.PARAMETER_ROWS_PER_FRAME] = rows_per_frame
        parameters[wire.PARAMETER_KEY_INTERVAL] = key_interval_ms
        return telemetry.TelemetryEncoder(parameters, self.car.counters, send, variant)


class NoFiles:
    """Answers all commands that move files."""

    def execute(self, message, size, reply):
        reply[1] = wire.STATUS_STORAGE
        return 2


log = []


def _not_measured(reply, at):
    return at


def unpaired():
    """No key and no count of starts, as on a board just flashed."""
    for name in os.listdir():  # noqa: PTH208
        if name.startswith("patrol."):
            os.remove(name)  # noqa: PTH107


def forget_files():
    """Give back what moving files took: the long lines of other tests need it."""
    package = sys.modules["patrol"]
    for name in ("files", "storage", "outgoing", "block_writer", "blocks", "thumb_blocks"):
        if sys.modules.pop("patrol." + name, None):
            delattr(package, name)


def serve():
    firmware = Firmware()
    print("serving")
    while True:
        gc.collect()  # a line may need a piece of the heap as long as itself
        line = sys.stdin.readline()
        if not line:
            break
        if not line.strip():
            continue
        request = json.loads(line)
        if request["do"] == "restart":
            firmware = None
            forget_files()
            if not request.get("paired"):
                unpaired()
            firmware = Firmware()
            answer = {}
        else:
            answer = getattr(firmware, request.pop("do"))(**request)
        json.dump(answer, sys.stdout)  # in pieces: a whole line of it may find no room
        print()


serve()
