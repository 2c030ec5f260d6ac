"""Rows under every kind of contract: taps, medians, contexts, groups, escapes, keys."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.bits import BitReader, BitWriter
from protocol.coding import Contexts, Group, Stream
from protocol.context import CLASSES
from protocol.contract import KEY_SYMBOLS, Contract, load_contract
from protocol.huffman import limited_code_lengths
from protocol.network import BIAS_LIMIT, WEIGHT_LIMIT, Input, Network, Unit
from protocol.predict import Predictor, Tap
from protocol.rows import RowCoder, worst_row_bytes
from protocol.schema import Channel, Schema

CAR = load_contract()
CHANNELS = len(CAR.schema.channels)
int32 = st.integers(-(1 << 31), (1 << 31) - 1)


@st.composite
def contexts(draw, codebooks, symbols):
    """Contexts of a few new codebooks of so many symbols."""
    counts = st.lists(st.integers(1, 1000), min_size=symbols, max_size=symbols)
    first = len(codebooks)
    codebooks += [limited_code_lengths(draw(counts)) for _ in range(draw(st.integers(1, 3)))]
    books = st.lists(st.integers(first, len(codebooks) - 1), min_size=CLASSES, max_size=CLASSES)
    return Contexts(draw(st.integers(0, 600)), tuple(draw(books)))


@st.composite
def networks(draw, sources):
    inputs = draw(st.lists(st.builds(Input, sources, st.integers(0, 31)), min_size=1, max_size=3))
    weights = st.integers(-WEIGHT_LIMIT, WEIGHT_LIMIT)
    unit = st.builds(
        Unit, st.tuples(*[weights] * len(inputs)), st.integers(-BIAS_LIMIT, BIAS_LIMIT), weights
    )
    units = draw(st.lists(unit, min_size=1, max_size=3))
    return Network(tuple(inputs), tuple(units), draw(st.integers(0, 31)), draw(st.integers(0, 31)))


@st.composite
def predictors(draw, stream, streams):
    sources = st.sampled_from([source for source in range(3 * streams) if not stream <= source < streams])
    taps = tuple(draw(st.lists(st.builds(Tap, sources, st.integers(-600, 600)), max_size=8)))
    network = draw(st.one_of(st.none(), networks(sources)))
    return draw(st.sampled_from([Predictor(median=True), Predictor(taps), Predictor(taps, network=network)]))


@st.composite
def contracts(draw):
    """Any contract of a few streams that passes its own checks."""
    streams = draw(st.integers(2, 6))
    codebooks = []
    coded = tuple(
        Stream(
            draw(st.integers(-1000, 1000)), draw(st.integers(0, 32)), draw(predictors(number, streams)),
            draw(contexts(codebooks, draw(st.integers(2, 12)))),
        )
        for number in range(streams)
    )
    grouped = draw(st.permutations(range(streams)))[: draw(st.integers(0, streams))]
    cut = draw(st.integers(0, len(grouped)))
    members = [tuple(part) for part in (grouped[:cut], grouped[cut:]) if part]
    groups = tuple(Group(part, draw(contexts(codebooks, 1 << len(part)))) for part in members)
    return Contract(
        Schema("any", tuple(Channel(f"c{number}") for number in range(streams - 1))),
        tuple(codebooks), coded, groups, limited_code_lengths([1] * KEY_SYMBOLS), CAR.message_lengths,
    )


def written(contract, rows):
    """(bytes, the bits that each row took) of a key row and those that follow it."""
    coder, writer, sizes = RowCoder(contract), BitWriter(), []
    for number, row in enumerate(rows):
        before = len(writer)
        if number:
            coder.write(writer, row)
        else:
            coder.write_key(writer, row[1:])
        sizes.append(len(writer) - before)
    return writer.to_bytes(), sizes


@settings(deadline=None)
@given(contracts(), st.data())
def test_any_rows_under_any_contract_come_back(contract, data):
    streams = len(contract.streams)
    values = st.one_of(st.integers(-3, 3), int32)
    rows = data.draw(st.lists(st.tuples(*[values] * streams), min_size=1, max_size=8))
    body, sizes = written(contract, rows)
    reader, coder = BitReader(body), RowCoder(contract)
    assert coder.read_key(reader) == rows[0][1:]
    assert [coder.read(reader) for _ in rows[1:]] == rows[1:]
    assert reader.position == sum(sizes)
    assert max(sizes) + 32 <= 8 * worst_row_bytes(contract)


@settings(deadline=None)
@given(contracts(), st.binary(max_size=40))
def test_any_bits_under_any_contract_are_rows_or_none(contract, body):
    reader, coder = BitReader(body), RowCoder(contract)
    coder.read_key(reader)
    for _ in range(4):
        row = coder.read(reader)
        assert row is None or all(-(1 << 31) <= value < 1 << 31 for value in row)


def test_a_group_whose_streams_are_all_as_predicted_costs_one_symbol():
    group = Group(tuple(range(1, 9)), Contexts(0, (len(CAR.codebooks),) * CLASSES))
    codebooks = (*CAR.codebooks, limited_code_lengths([100_000] + [1] * 255))
    order_1 = tuple(replace(stream, predictor=Predictor()) for stream in CAR.streams)
    alone = replace(CAR, streams=order_1, groups=())
    still = replace(CAR, codebooks=codebooks, streams=order_1, groups=(group,))
    rows = [(20_000, *[0] * CHANNELS)] * 9
    _, together = written(still, rows)
    _, apart = written(alone, rows)
    # Of the eight codes, of a bit or more each, one of a bit is left.
    assert together[-1] <= apart[-1] - 8 + 1


def test_a_token_that_the_codebook_has_not_is_escaped():
    book = Contexts(0, (0,) * CLASSES)
    streams = tuple(replace(s, contexts=book, predictor=Predictor()) for s in CAR.streams)
    contract = replace(CAR, codebooks=(bytes([1, 2, 2]),), groups=(), streams=streams)
    base_step = contract.streams[0].base
    rows = [(base_step, *[0] * CHANNELS), (base_step, *[2] * CHANNELS)]
    body, sizes = written(contract, rows)
    # The clock's 0 is one bit. Zigzag 4 is token 4, which needs the escape's 2 bits and 7 more.
    assert sizes[1] == 1 + CHANNELS * (2 + 7)
    reader, coder = BitReader(body), RowCoder(contract)
    coder.read_key(reader)
    assert coder.read(reader) == rows[1]
