"""A contract is named by its hash, kept as JSON, and written down for the board."""

import ast
import json
from dataclasses import replace

import pytest

from host.train.car import car_contract
from protocol.coding import Contexts, ContractError, Group
from protocol.context import CLASSES
from protocol.contract import CAR_FILE, Contract, load_contract
from protocol.device import DEVICE_FOLDER, contract_module, device_files, stale_files
from protocol.huffman import canonical_codes
from protocol.network import Input, Network, Unit
from protocol.predict import Predictor, Tap

CAR = load_contract()
STREAMS = len(CAR.streams)
SMALL = Network((Input(STREAMS, 2), Input(1, 0)), (Unit((5, -7), 100, 300), Unit((-1, 1), 0, -4)), 2, 4)
"""A network that stream 2 of the car's contract could have."""


def test_json_brings_the_contract_back():
    for contract in (CAR, with_stream(predictor=Predictor((Tap(0, 77),), network=SMALL))):
        assert Contract.from_json(contract.to_json()) == contract


def test_every_part_of_a_contract_changes_its_hash():
    channel = replace(CAR.schema.channels[0], scale=2.0)
    others = [
        replace(CAR, schema=replace(CAR.schema, name="cart")),
        replace(CAR, schema=replace(CAR.schema, channels=(channel, *CAR.schema.channels[1:]))),
        with_stream(base=CAR.streams[2].base + 1),
        with_stream(key_bits=CAR.streams[2].key_bits + 1),
        with_stream(predictor=Predictor((Tap(0, 77),))),
        with_stream(predictor=Predictor(median=True)),
        with_stream(predictor=Predictor(network=SMALL)),
        with_stream(predictor=Predictor(network=replace(SMALL, output_shift=3))),
        with_contexts(initial=CAR.streams[2].contexts.initial + 1),
        with_contexts(books=CAR.streams[2].contexts.books[::-1]),
        with_book(bytes([1, 1])),
        replace(CAR, groups=()),
        replace(CAR, key_lengths=CAR.key_lengths[::-1]),
        replace(CAR, message_lengths=CAR.message_lengths[::-1]),
    ]
    assert len({contract.hash for contract in [CAR, *others]}) == 15


def with_stream(**changes):
    """The car's contract with one of its streams changed."""
    stream = replace(CAR.streams[2], **changes)
    return replace(CAR, streams=(*CAR.streams[:2], stream, *CAR.streams[3:]))


def with_contexts(**changes):
    return with_stream(contexts=replace(CAR.streams[2].contexts, **changes))


def test_a_contract_edited_by_hand_is_refused():
    document = json.loads(CAR.to_json())
    document["streams"][0]["base"] += 1
    with pytest.raises(ContractError, match="edited by hand"):
        Contract.from_json(json.dumps(document))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"channels": [{"colour": 1}]}', "null"])
def test_text_that_is_no_contract_is_refused(text):
    with pytest.raises(ContractError, match="not a contract"):
        Contract.from_json(text)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("message_lengths", "0102"), ("message_lengths", 5), ("name", 7), ("key_lengths", "00"),
        ("streams", [{"base": 0.5}] * STREAMS), ("groups", [{"streams": ["x"]}]),
        ("channels", [{"name": 3}] * 8), ("channels", 8),
    ],
)
def test_a_contract_with_a_part_of_the_wrong_kind_is_refused(key, value):
    document = json.loads(CAR.to_json())
    document[key] = value
    with pytest.raises(ContractError, match="not a contract"):
        Contract.from_json(json.dumps(document))


def test_a_missing_contract_file_is_named(tmp_path):
    with pytest.raises(ContractError, match=r"car\.json: no such contract file"):
        load_contract(tmp_path / "car.json")


def test_codes_over_12_bits_are_refused():
    with pytest.raises(ContractError, match="over 12 bits"):
        replace(CAR, message_lengths=bytes([13]) * 257)


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        (bytes([0, 1, 1]), "every symbol needs a code of 1 to 12 bits"),
        (bytes([13, 1, 1]), "every symbol needs a code of 1 to 12 bits"),
        (bytes([1, 1, 1]), "too many short codes"),
        (bytes([12]) * 130, "2 to 129 symbols"),
        (bytes([1]), "2 to 129 symbols"),
    ],
)
def test_a_codebook_that_a_board_could_not_code_with_is_refused(lengths, message):
    with pytest.raises(ContractError, match=message):
        with_book(lengths)


def with_book(lengths):
    """The car's contract with another codebook for one stream."""
    contexts = replace(CAR.streams[2].contexts, books=(len(CAR.codebooks),) * CLASSES)
    stream = replace(CAR.streams[2], contexts=contexts)
    streams = (*CAR.streams[:2], stream, *CAR.streams[3:])
    return replace(CAR, codebooks=(*CAR.codebooks, lengths), streams=streams)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"initial": 1 << 21}, "no activity is 2097152"),
        ({"books": (0,) * (CLASSES - 1)}, "22 numbers of codebooks"),
        ({"books": (len(CAR.codebooks),) * CLASSES}, "22 numbers of codebooks"),
    ],
)
def test_contexts_that_name_no_codebook_or_no_activity_are_refused(changes, message):
    with pytest.raises(ContractError, match=message):
        with_contexts(**changes)


@pytest.mark.parametrize(
    ("taps", "message"),
    [
        ((Tap(2, 1),), "source 2 is not known yet"),
        ((Tap(3 * STREAMS, 1),), f"source {3 * STREAMS} is not known yet"),
        ((Tap(STREAMS, 40_000),), "over 16 bits"),
        (tuple(Tap(STREAMS + at, 1) for at in range(9)), "at most 8 taps"),
    ],
)
def test_a_predictor_that_a_decoder_could_not_follow_is_refused(taps, message):
    with pytest.raises(ContractError, match=message):
        with_stream(predictor=Predictor(taps))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs": (Input(STREAMS, 2), Input(2, 0))}, "source 2 is not known yet"),
        ({"inputs": (Input(STREAMS, 32), Input(1, 0))}, "shift is not 0 to 31"),
        ({"inputs": ()}, "1 to 16 inputs"),
        ({"units": (Unit((5,), 0, 1),)}, "one weight an input"),
        ({"units": (Unit((5, 40_000), 0, 1),)}, "weight is beyond 32767"),
        ({"units": (Unit((5, 6), 1 << 30, 1),)}, "bias is beyond"),
        ({"hidden_shift": -1}, "shift is not 0 to 31"),
    ],
)
def test_a_network_that_could_leave_32_bits_is_refused(changes, message):
    with pytest.raises(ContractError, match=message):
        with_stream(predictor=Predictor(network=replace(SMALL, **changes)))


@pytest.mark.parametrize(
    ("streams", "size", "message"),
    [
        ((1, 1), 4, "in two groups"),
        ((1, 40), 4, "none of that number"),
        ((1, 2), 8, r"2\*\*n symbols"),
        (tuple(range(9)), 512, "1 to 8 streams"),
    ],
)
def test_a_group_that_cannot_be_is_refused(streams, size, message):
    group = Group(streams, Contexts(0, (len(CAR.codebooks),) * CLASSES))
    with pytest.raises(ContractError, match=message):
        replace(CAR, codebooks=(*CAR.codebooks, bytes([9]) * size), groups=(group,))


def test_the_cars_contract_is_what_its_schema_and_training_give_today():
    assert CAR_FILE.read_text(encoding="utf-8") == car_contract().to_json()


def test_the_boards_generated_modules_are_not_stale():
    assert stale_files() == []


def test_a_stale_or_missing_module_is_named(tmp_path):
    for name, source in device_files(CAR).items():
        (tmp_path / name).write_text(source, encoding="utf-8")
    assert stale_files(tmp_path) == []
    (tmp_path / "wire.py").write_text("", encoding="utf-8")
    (tmp_path / "contract.py").unlink()
    assert stale_files(tmp_path) == ["wire.py", "contract.py"]


def test_the_boards_tables_hold_the_contracts_codes():
    tables = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(contract_module(CAR)).body
        if isinstance(node, ast.Assign)
    }
    assert int.from_bytes(tables["HASH"], "little") == CAR.hash
    packed = memoryview(tables["MESSAGE_CODES"]).cast("H")
    codes = canonical_codes(CAR.message_lengths)
    assert [(entry >> 4, entry & 15) for entry in packed] == list(
        zip(codes, CAR.message_lengths, strict=True)
    )


def test_generated_modules_say_where_they_come_from():
    for name in device_files(CAR):
        source = (DEVICE_FOLDER / name).read_text(encoding="utf-8")
        assert source.startswith("# Generated by protocol/device.py")
