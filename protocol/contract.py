"""A contract: schema, predictors' starting values and codebooks under one hash.

Both ends must hold the same contract, bit for bit. Its hash (the first four bytes of SHA-256 over
`canonical_bytes`) seeds every checksum and is what HELLO compares.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from construct import (
    Byte,
    Bytes,
    Const,
    ConstructError,
    Float64l,
    Int32sl,
    PascalString,
    PrefixedArray,
    Struct,
)

from protocol.huffman import ByteCodebook, Codebook
from protocol.limits import MAX_CODE_BITS, PROTOCOL_VERSION
from protocol.schema import Channel, Schema
from protocol.tokens import TOKENS

Name = PascalString(Byte, "utf8")

Canonical = Struct(
    "protocol_version" / Const(PROTOCOL_VERSION, Byte),
    "name" / Name,
    "channels" / PrefixedArray(
        Byte, Struct("name" / Name, "unit" / Name, "scale" / Float64l, "format" / Name)
    ),
    "bases" / PrefixedArray(Byte, Int32sl),
    "telemetry_lengths" / PrefixedArray(Byte, Bytes(TOKENS)),
    "message_lengths" / Bytes(257),
)
"""What the hash is taken over."""


class ContractError(ValueError):
    """A contract that cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Contract:
    """What two ends must agree on before the first frame.

    `bases` has one value a stream: the clock's step in microseconds first, then each channel; a key
    frame's first row is predicted by them. `telemetry_lengths` has TOKENS code lengths a stream,
    `message_lengths` 257 for bytes and the end mark.
    """

    schema: Schema
    bases: tuple[int, ...]
    telemetry_lengths: tuple[bytes, ...]
    message_lengths: bytes

    def __post_init__(self) -> None:
        streams = len(self.schema.channels) + 1
        if len(self.bases) != streams or len(self.telemetry_lengths) != streams:
            raise ContractError(f"contract {self.schema.name}: needs {streams} bases and codebooks")
        if any(0 in book for book in self.telemetry_lengths):
            raise ContractError(f"contract {self.schema.name}: a token has no code, so not every value has")
        lengths = [*self.telemetry_lengths, self.message_lengths]
        if any(max(book) > MAX_CODE_BITS for book in lengths):
            raise ContractError(f"contract {self.schema.name}: a code is over {MAX_CODE_BITS} bits")

    @cached_property
    def canonical_bytes(self) -> bytes:
        """The contract in the one form that its hash is taken over."""
        built: bytes = Canonical.build({
            "name": self.schema.name,
            "channels": [asdict(channel) for channel in self.schema.channels],
            "bases": self.bases,
            "telemetry_lengths": self.telemetry_lengths,
            "message_lengths": self.message_lengths,
        })
        return built

    @cached_property
    def hash(self) -> int:
        """32 bits that name the contract: the checksum's seed."""
        return int.from_bytes(sha256(self.canonical_bytes).digest()[:4], "little")

    @cached_property
    def telemetry_books(self) -> tuple[Codebook, ...]:
        """A token codebook for the clock's step, then one for each channel."""
        return tuple(Codebook(lengths) for lengths in self.telemetry_lengths)

    @cached_property
    def message_book(self) -> ByteCodebook:
        """The code of command and reply bytes."""
        return ByteCodebook(self.message_lengths)

    def to_json(self) -> str:
        """The contract as text that `from_json` reads; lists of lengths stay on one line each."""
        document = {
            "protocol_version": PROTOCOL_VERSION,
            "name": self.schema.name,
            "hash": f"{self.hash:08x}",
            "channels": [asdict(channel) for channel in self.schema.channels],
            "bases": list(self.bases),
            "telemetry_lengths": [lengths.hex() for lengths in self.telemetry_lengths],
            "message_lengths": self.message_lengths.hex(),
        }
        return json.dumps(document, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Contract:
        """Raises ContractError when the text is no contract, or its hash is not its own."""
        try:
            document = json.loads(text)
            contract = cls._from_document(document)
            found = contract.hash
        except (AttributeError, KeyError, TypeError, ValueError, ConstructError) as error:
            reason = str(error).splitlines()[-1]
            raise ContractError(f"not a contract ({reason}); make it anew from its log") from None
        if document.get("hash") != f"{found:08x}":
            raise ContractError("the contract was edited by hand: its hash does not match; make it anew")
        return contract

    @classmethod
    def _from_document(cls, document: dict[str, Any]) -> Contract:
        channels = tuple(Channel(**channel) for channel in document["channels"])
        return cls(
            schema=Schema(document["name"], channels),
            bases=tuple(document["bases"]),
            telemetry_lengths=tuple(bytes.fromhex(text) for text in document["telemetry_lengths"]),
            message_lengths=bytes.fromhex(document["message_lengths"]),
        )


CAR_FILE = Path(__file__).parent / "contracts" / "car.json"


def load_contract(path: Path = CAR_FILE) -> Contract:
    """A contract from its file; the car's own by default. Raises ContractError naming the file."""
    try:
        return Contract.from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ContractError(f"{path}: no such contract file") from None
    except (ContractError, UnicodeDecodeError) as error:
        raise ContractError(f"{path}: {error}") from None
