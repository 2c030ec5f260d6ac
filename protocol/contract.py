"""A contract: schema, predictors and codebooks under one hash.

Both ends must hold the same contract, bit for bit. Its hash (the first four bytes of SHA-256 over
`canonical_bytes`) seeds every checksum and is what HELLO compares.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import construct as c

from protocol.coding import LONGEST_BITS, Contexts, ContractError, Group, Stream, check_codebook
from protocol.context import CLASSES
from protocol.huffman import ByteCodebook, Codebook
from protocol.limits import MAX_CODE_BITS, PROTOCOL_VERSION
from protocol.network import Input, Network, Unit
from protocol.predict import Predictor, Tap
from protocol.schema import Channel, Schema

KEY_SYMBOLS = 2 * LONGEST_BITS + 1
"""How far a bit length may be from the usual one, zigzagged."""

_Name = c.PascalString(c.Byte, "utf8")
_Contexts = c.Struct("initial" / c.Int32ul, "books" / c.Array(CLASSES, c.Int16ul))
_Network = c.Struct(
    "hidden_shift" / c.Byte,
    "output_shift" / c.Byte,
    "inputs" / c.PrefixedArray(c.Byte, c.Struct("source" / c.Byte, "shift" / c.Byte)),
    "units" / c.PrefixedArray(
        c.Byte,
        c.Struct(
            "weights" / c.PrefixedArray(c.Byte, c.Int16sl), "bias" / c.Int32sl, "output" / c.Int16sl
        ),
    ),
)
Canonical = c.Struct(
    "protocol_version" / c.Const(PROTOCOL_VERSION, c.Byte),
    "name" / _Name,
    "channels" / c.PrefixedArray(
        c.Byte, c.Struct("name" / _Name, "unit" / _Name, "scale" / c.Float64l, "format" / _Name)
    ),
    "codebooks" / c.PrefixedArray(c.Int16ul, c.Prefixed(c.Int16ul, c.GreedyBytes)),
    "streams" / c.PrefixedArray(
        c.Byte,
        c.Struct(
            "base" / c.Int32sl,
            "key_bits" / c.Byte,
            "median" / c.Flag,
            "taps" / c.PrefixedArray(c.Byte, c.Struct("source" / c.Byte, "weight" / c.Int16sl)),
            "network" / c.PrefixedArray(c.Byte, _Network),
            "contexts" / _Contexts,
        ),
    ),
    "groups" / c.PrefixedArray(
        c.Byte, c.Struct("streams" / c.PrefixedArray(c.Byte, c.Byte), "contexts" / _Contexts)
    ),
    "key_lengths" / c.Bytes(KEY_SYMBOLS),
    "message_lengths" / c.Bytes(257),
)
"""What the hash is taken over."""


@dataclass(frozen=True)
class Contract:
    """What two ends must agree on before the first frame. Stream 0 is the clock's step."""

    schema: Schema
    codebooks: tuple[bytes, ...]
    """Code lengths of all codebooks that streams and groups use, by number."""
    streams: tuple[Stream, ...]
    groups: tuple[Group, ...]
    key_lengths: bytes
    """Code lengths for how many bits more or fewer than usual a key row's differences have, zigzagged."""
    message_lengths: bytes

    def __post_init__(self) -> None:
        count = len(self.schema.channels) + 1
        name = f"contract {self.schema.name}"
        if len(self.streams) != count:
            raise ContractError(f"{name}: {count} streams are needed, not {len(self.streams)}")
        for number, lengths in enumerate(self.codebooks):
            check_codebook(f"{name}, codebook {number}", lengths)
        for number, stream in enumerate(self.streams):
            stream.check(f"{name}, stream {number}", number, count, self.codebooks)
        grouped = [stream for group in self.groups for stream in group.streams]
        if len(set(grouped)) != len(grouped) or any(not 0 <= stream < count for stream in grouped):
            raise ContractError(f"{name}: a stream is in two groups, or there is none of that number")
        for group in self.groups:
            group.check(f"{name}, group of {group.streams}", self.codebooks)
        if len(self.key_lengths) != KEY_SYMBOLS:
            raise ContractError(f"{name}: key rows need {KEY_SYMBOLS} code lengths")
        check_codebook(f"{name}, key rows", self.key_lengths)
        if any(length > MAX_CODE_BITS for length in self.message_lengths):
            raise ContractError(f"{name}: a code is over {MAX_CODE_BITS} bits")

    @property
    def bases(self) -> tuple[int, ...]:
        """What a key row is predicted by."""
        return tuple(stream.base for stream in self.streams)

    @cached_property
    def canonical_bytes(self) -> bytes:
        """The contract in the one form that its hash is taken over."""
        built: bytes = Canonical.build({
            "name": self.schema.name,
            "channels": [asdict(channel) for channel in self.schema.channels],
            "codebooks": self.codebooks,
            "streams": [_stream_fields(stream) for stream in self.streams],
            "groups": [
                {"streams": group.streams, "contexts": asdict(group.contexts)} for group in self.groups
            ],
            "key_lengths": self.key_lengths,
            "message_lengths": self.message_lengths,
        })
        return built

    @cached_property
    def hash(self) -> int:
        """32 bits that name the contract: the checksum's seed."""
        return int.from_bytes(sha256(self.canonical_bytes).digest()[:4], "little")

    @cached_property
    def books(self) -> tuple[Codebook, ...]:
        """The codebooks, ready for use."""
        return tuple(map(Codebook, self.codebooks))

    @cached_property
    def key_book(self) -> Codebook:
        """The code of bit lengths in key rows."""
        return Codebook(self.key_lengths)

    @cached_property
    def message_book(self) -> ByteCodebook:
        """The code of command and reply bytes."""
        return ByteCodebook(self.message_lengths)

    def to_json(self) -> str:
        """The contract as text that `from_json` reads."""
        document = {
            "protocol_version": PROTOCOL_VERSION,
            "name": self.schema.name,
            "hash": f"{self.hash:08x}",
            "channels": [channel.record() for channel in self.schema.channels],
            "codebooks": [lengths.hex() for lengths in self.codebooks],
            "streams": [_stream_document(stream) for stream in self.streams],
            "groups": [{"streams": list(group.streams), **asdict(group.contexts)} for group in self.groups],
            "key_lengths": self.key_lengths.hex(),
            "message_lengths": self.message_lengths.hex(),
        }
        return _with_short_lists(json.dumps(document, indent=1)) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Contract:
        """Raises ContractError when the text is no contract, or its hash is not its own."""
        try:
            document = json.loads(text)
            contract = cls._from_document(document)
            found = contract.hash
        except (AttributeError, KeyError, TypeError, ValueError, c.ConstructError) as error:
            reason = str(error).splitlines()[-1]
            raise ContractError(f"not a contract ({reason}); make it anew from its log") from None
        if document.get("hash") != f"{found:08x}":
            raise ContractError("the contract was edited by hand: its hash does not match; make it anew")
        return contract

    @classmethod
    def _from_document(cls, document: dict[str, Any]) -> Contract:
        if document["protocol_version"] != PROTOCOL_VERSION:
            raise ValueError(f"protocol version {document['protocol_version']}, not {PROTOCOL_VERSION}")
        channels = tuple(Channel.from_record(channel) for channel in document["channels"])
        return cls(
            schema=Schema(document["name"], channels),
            codebooks=tuple(map(bytes.fromhex, document["codebooks"])),
            streams=tuple(map(_read_stream, document["streams"])),
            groups=tuple(
                Group(tuple(group["streams"]), _read_contexts(group)) for group in document["groups"]
            ),
            key_lengths=bytes.fromhex(document["key_lengths"]),
            message_lengths=bytes.fromhex(document["message_lengths"]),
        )


def _stream_fields(stream: Stream) -> dict[str, Any]:
    predictor = asdict(stream.predictor)
    network = predictor["network"]
    return {
        "base": stream.base,
        "key_bits": stream.key_bits,
        **predictor,
        "network": [] if network is None else [network],
        "contexts": asdict(stream.contexts),
    }


def _stream_document(stream: Stream) -> dict[str, Any]:
    network = stream.predictor.network
    return {
        "base": stream.base,
        "key_bits": stream.key_bits,
        "median": stream.predictor.median,
        "taps": [[tap.source, tap.weight] for tap in stream.predictor.taps],
        "network": network and asdict(network),
        **asdict(stream.contexts),
    }


def _read_contexts(document: dict[str, Any]) -> Contexts:
    return Contexts(document["initial"], tuple(document["books"]))


def _read_stream(document: dict[str, Any]) -> Stream:
    taps = tuple(Tap(source, weight) for source, weight in document["taps"])
    predictor = Predictor(taps, document["median"], _read_network(document["network"]))
    return Stream(document["base"], document["key_bits"], predictor, _read_contexts(document))


def _read_network(document: dict[str, Any] | None) -> Network | None:
    if document is None:
        return None
    units = (Unit(tuple(unit["weights"]), unit["bias"], unit["output"]) for unit in document["units"])
    inputs = (Input(**each) for each in document["inputs"])
    return Network(tuple(inputs), tuple(units), document["hidden_shift"], document["output_shift"])


def _with_short_lists(text: str) -> str:
    """JSON with each list of numbers on one line."""
    return re.sub(r"\[[-0-9,\s]+\]", lambda found: " ".join(found.group().split()), text)


CONTRACTS = Path(__file__).parent / "contracts"
CAR_FILE = CONTRACTS / "car.json"
BASE_FILE = CONTRACTS / "base.json"
"""Of a car with little memory: the first eight of the car's channels."""
DRIVE_FILE = CONTRACTS / "drive.json"
"""Of a car with less memory, that only drives: the first of the car's channels."""


def load_contract(path: Path = CAR_FILE) -> Contract:
    """A contract from its file; the car's own by default. Raises ContractError naming the file."""
    try:
        return Contract.from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ContractError(f"{path}: no such contract file") from None
    except (ContractError, UnicodeDecodeError) as error:
        raise ContractError(f"{path}: {error}") from None
