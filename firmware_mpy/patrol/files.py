"""Files to and from the car: the commands of docs/SPEC.md, section 12.

Loaded when the first of them comes. What is put stands in a part beside its name until all of it is there and
has the digest that was announced; a part that a broken transfer left is gone on with.
"""

import errno
import gc
import os
from binascii import crc32

from micropython import const

from patrol import wire
from patrol.buffers import copy, move, put16, put32, uint16
from patrol.storage import check_name, digest_of, make_folders

_RESULT = const(2)
_APPLICATION = const(1)
_WORD = const(4)
_READ_BYTES = const(512)
_FOLDER = const(0x4000)
# Arguments of `put`: target, size, digest, name; of `block`: offset, at, last, data.
_PUT_SIZE = const(2)
_PUT_DIGEST = const(6)
_PUT_NAME = const(38)
_BLOCK_AT = const(5)
_BLOCK_LAST = const(7)
_BLOCK_DATA = const(8)
_MAX_BLOCK = wire.BLOCK_BYTES + 16
"""A raw block, with its header."""


class Refusal(Exception):
    """A command that cannot be done; its one argument is the status of the reply."""


def _word(data, at):
    upper = uint16(data, at + 2)
    if upper >= 0x4000:
        raise Refusal(wire.STATUS_OUT_OF_RANGE)  # no file is so long; and small integers are not either
    return upper << 16 | uint16(data, at)


class Files:
    """One file at a time in each direction. Holds memory for blocks only while one is under way."""

    def __init__(self):
        self._incoming = None
        self._outgoing = None
        self._buffers = None
        self._handlers = {
            wire.COMMAND_PUT: self._put,
            wire.COMMAND_FROM: self._from,
            wire.COMMAND_BLOCK: self._block,
            wire.COMMAND_KEEP: self._keep,
            wire.COMMAND_FILE: self._file,
            wire.COMMAND_READ: self._read,
            wire.COMMAND_FOLDER: self._folder,
            wire.COMMAND_REMOVE: self._remove,
            wire.COMMAND_SLOTS: self._slots,
            wire.COMMAND_CONFIRM: self._confirm,
        }

    def execute(self, message, size, reply):
        """Do what message[:size] says; answers the size of the reply, whose status is set."""
        try:
            return self._handlers[message[0]](message, size, reply)
        except Refusal as refusal:
            reply[1] = refusal.args[0]
        except UnicodeError:
            reply[1] = wire.STATUS_FORBIDDEN
        except MemoryError:
            reply[1] = wire.STATUS_STORAGE
            self.close()
        except OSError as error:
            gone = error.errno == errno.ENOENT
            reply[1] = wire.STATUS_NO_FILE if gone else wire.STATUS_STORAGE
        return _RESULT

    def close(self, keep_buffers=False):
        """Give up what is under way, and its memory. What has arrived of a file stays in its part."""
        if not keep_buffers:
            self._buffers = None
        if self._incoming is not None:
            self._incoming.close()
        if self._outgoing is not None:
            self._outgoing.close()
        self._incoming = self._outgoing = None

    def _put(self, message, size, reply):
        self.close(keep_buffers=True)  # given back, their place would be in pieces when it is wanted again
        name = _name(message, _PUT_NAME, size, may_be_empty=message[1] == _APPLICATION)
        digest = bytes(message[_PUT_DIGEST : _PUT_DIGEST + wire.DIGEST_BYTES])
        incoming = Incoming(message[1], name, _word(message, _PUT_SIZE), digest)
        have, checksum = incoming.there()
        self._incoming = incoming
        put32(reply, _RESULT, have)
        put32(reply, _RESULT + _WORD, checksum)
        return _RESULT + 2 * _WORD

    def _from(self, message, size, reply):
        if self._incoming is None:
            raise Refusal(wire.STATUS_OUT_OF_STEP)
        if self._buffers is None:
            self._buffers = _new_buffers()
        self._incoming.begin(_word(message, 1), self._buffers)
        return _RESULT

    def _block(self, message, size, reply):
        if self._incoming is None:
            raise Refusal(wire.STATUS_OUT_OF_STEP)
        written = self._incoming.take(message, size)
        put32(reply, _RESULT, written)
        return _RESULT + _WORD

    def _keep(self, message, size, reply):
        incoming, self._incoming, self._buffers = self._incoming, None, None
        if incoming is None:
            raise Refusal(wire.STATUS_OUT_OF_STEP)
        incoming.keep()
        return _RESULT

    def _file(self, message, size, reply):
        from patrol.outgoing import Outgoing

        outgoing = self._outgoing
        self.close()
        name = _name(message, 1, size)
        if outgoing is None:
            gc.collect()  # it has pieces of 4 KB
            outgoing = Outgoing()
        outgoing.open(name)
        put32(reply, _RESULT, outgoing.size)
        copy(reply, _RESULT + _WORD, outgoing.digest, wire.DIGEST_BYTES)
        self._outgoing = outgoing
        return _RESULT + _WORD + wire.DIGEST_BYTES

    def _read(self, message, size, reply):
        if self._outgoing is None:
            raise Refusal(wire.STATUS_OUT_OF_STEP)
        block_bytes = self._outgoing.read_block(_word(message, 1))
        at = uint16(message, 1 + _WORD)
        if at >= block_bytes:
            raise Refusal(wire.STATUS_OUT_OF_STEP)
        count = min(wire.CHUNK_BYTES, block_bytes - at)
        put16(reply, _RESULT, block_bytes)
        move(reply, _RESULT + 2, self._outgoing.block, at, count)
        return _RESULT + 2 + count

    def _folder(self, message, size, reply):
        name = _name(message, 3, size, may_be_empty=True)
        skip, at = uint16(message, 1), _RESULT
        for entry in os.ilistdir(name) if name else os.ilistdir():
            if not name and not check_name(entry[0]):
                continue
            if skip:
                skip -= 1
                continue
            text = entry[0].encode()
            if at + 6 + len(text) > wire.MAX_MESSAGE:
                break
            reply[at] = entry[1] == _FOLDER
            put32(reply, at + 1, os.stat(name + "/" + entry[0] if name else entry[0])[6])
            reply[at + 5] = len(text)
            move(reply, at + 6, text, 0, len(text))
            at += 6 + len(text)
        return at

    def _remove(self, message, size, reply):
        name = _name(message, 1, size)
        self.close()
        if os.stat(name)[0] & _FOLDER:
            os.rmdir(name)
        else:
            os.remove(name)
        return _RESULT

    def _slots(self, message, size, reply):
        self.close()
        from update import start

        try:
            slots, at = start.load_slots(), _RESULT + 2
            reply[_RESULT] = slots.running & 255
            reply[_RESULT + 1] = slots.fallen & 255
            for slot in slots.record.slots:
                reply[at] = slot.state
                put32(reply, at + 1, slot.size)
                copy(reply, at + 5, slot.digest, wire.DIGEST_BYTES)
                at += 5 + wire.DIGEST_BYTES
            return at
        finally:
            start.forget_slots()

    def _confirm(self, message, size, reply):
        self.close()
        from update import start

        try:
            start.confirm()
        finally:
            start.forget_slots()
        return _RESULT


class Incoming:
    """A file on its way to the car. Raises OSError for what the file system does not do."""

    def __init__(self, target, name, size, digest):
        if target > _APPLICATION:
            raise Refusal(wire.STATUS_OUT_OF_RANGE)
        self._name = name if target != _APPLICATION else None
        self._size = size
        self._digest = digest
        self._file = None
        self._reader = None
        self._written = self._filled = 0
        if self._name is None:
            slots = _slots_opened()
            self._part = slots.part_path
        else:
            make_folders(name)
            self._part = name + ".part"

    def there(self):
        """(bytes of the part that is there already, their CRC-32)."""
        have, checksum, chunk = 0, 0, bytearray(_READ_BYTES)
        try:
            with open(self._part, "rb") as part:
                while count := part.readinto(chunk):
                    checksum = crc32(memoryview(chunk)[:count], checksum)
                    have += count
        except OSError:
            return 0, 0
        return have, checksum

    def begin(self, offset, buffers):
        """Take blocks from this offset on: behind the part that is there, or from the start anew."""
        self.close()
        if offset and os.stat(self._part)[6] != offset:
            raise Refusal(wire.STATUS_OUT_OF_STEP)
        self._block, self._reader = buffers
        self._file = open(self._part, "ab" if offset else "wb")
        self._written, self._filled = offset, 0

    def take(self, message, size):
        """A piece of a block. When it was the last one, the block is checked, decoded and written."""
        at, count = uint16(message, _BLOCK_AT), size - _BLOCK_DATA
        if self._file is None or _word(message, 1) != self._written or at not in (0, self._filled):
            raise Refusal(wire.STATUS_OUT_OF_STEP)
        if at + count > _MAX_BLOCK:
            raise Refusal(wire.STATUS_BAD_CONTENT)
        move(self._block, at, message, _BLOCK_DATA, count)
        self._filled = at + count
        if message[_BLOCK_LAST]:
            filled, self._filled = self._filled, 0
            reader = self._reader
            if not reader.read(self._block, filled) or self._written + reader.size > self._size:
                raise Refusal(wire.STATUS_BAD_CONTENT)
            self._write(memoryview(reader.content)[: reader.size])
        return self._written

    def _write(self, content):
        """Nothing of a block counts unless all of it is written."""
        if self._file.write(content) != len(content):
            self.close()
            raise Refusal(wire.STATUS_STORAGE)
        self._file.flush()
        self._written += len(content)

    def keep(self):
        """Give the file its name, or make it the next application, if it is what was announced."""
        self.close()
        if os.stat(self._part)[6] != self._size or digest_of(self._part) != self._digest:
            os.remove(self._part)
            raise Refusal(wire.STATUS_BAD_CONTENT)
        if self._name is not None:
            os.rename(self._part, self._name)
        else:
            _slots_opened().install(self._part, self._size, self._digest)
            _forget_slots()

    def close(self):
        if self._file is not None:
            self._file.close()
        self._file = self._reader = self._block = None


def _new_buffers():
    """(room for a block, what reads it)."""
    from patrol import blocks

    gc.collect()  # a reader needs pieces of 4 KB
    return bytearray(_MAX_BLOCK + blocks.SLACK), blocks.BlockReader(wire.BLOCK_BYTES)


def _slots_opened():
    from update import start

    slots = start.load_slots()
    slots.open_spare()
    return slots


def _forget_slots():
    from update import start

    start.forget_slots()


def _name(message, at, size, may_be_empty=False):
    """The name in message[at:size]. Raises Refusal for one that is not for the link."""
    name = str(bytes(message[at:size]), "utf-8")
    if not check_name(name) and not (may_be_empty and not name):
        raise Refusal(wire.STATUS_FORBIDDEN)
    return name

