"""Logs are read whole, or the error names file, line and remedy."""

import pytest

from host.logs import LogError, load_log, save_log
from host.train.car import plausible_log
from host.train.fit import fit_contract
from protocol.schema import Row

SCHEMA = '[[channel]]\nname = "a"\nunit = "V"\nscale = 0.5\n[[channel]]\nname = "b"\n'


def write(tmp_path, text, schema=SCHEMA):
    path = tmp_path / "trip.csv"
    path.write_text(text, encoding="utf-8")
    path.with_suffix(".toml").write_text(schema, encoding="utf-8")
    return path


def test_columns_are_found_by_name_and_formats_fit_them(tmp_path):
    log = load_log(write(tmp_path, "b,time_us,a\n-300,0,7\n5,10,8\n"))
    assert log.rows == (Row(0, (7, -300)), Row(10, (8, 5)))
    assert [channel.format for channel in log.schema.channels] == ["i8", "i16"]


def test_a_byte_order_mark_and_blank_lines_are_no_data(tmp_path):
    log = load_log(write(tmp_path, "\ufefftime_us,a,b\n0,7,1\n\n10,8,2\n\n"))
    assert log.rows == (Row(0, (7, 1)), Row(10, (8, 2)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time_us,a\n0,1\n", "column 'b' is missing"),
        ("a,b\n0,1\n", "column 'time_us' is missing"),
        ("", "column 'time_us' is missing"),
        ("time_us,a,b\n", "no rows under the header"),
        ("time_us,a,b\n0,1,2\n0,x,2\n", "line 3, column 2: 'x' is no whole number"),
        ("time_us,a,b\n0,1\n", "line 2, column 3: '' is no whole number"),
        ("time_us,a,b\n0,1.5,2\n", "line 2, column 2: '1.5' is no whole number"),
        ("time_us,a,b\n0,1,99999999999\n", "do not fit 32 bits"),
    ],
)
def test_what_is_wrong_with_a_log_is_said(tmp_path, text, message):
    with pytest.raises(LogError, match=message):
        load_log(write(tmp_path, text))


def test_a_missing_log_or_schema_is_named(tmp_path):
    with pytest.raises(LogError, match=r"trip\.csv: no such log"):
        load_log(tmp_path / "trip.csv")
    path = write(tmp_path, "")
    path.with_suffix(".toml").unlink()
    with pytest.raises(LogError, match=r"trip\.toml: no schema beside the log"):
        load_log(path)


def test_a_saved_log_is_the_log_loaded(tmp_path):
    log = plausible_log(50, seed=1)
    save_log(tmp_path / "drive.csv", log)
    assert load_log(tmp_path / "drive.csv").rows == log.rows


def test_a_plausible_drive_depends_on_its_seed_alone():
    assert plausible_log(200, seed=3) == plausible_log(200, seed=3)
    assert plausible_log(200, seed=3) != plausible_log(200, seed=4)
    assert all(log.schema.fits(row) for log in [plausible_log(500, seed=5)] for row in log.rows)


def test_a_contract_needs_two_rows():
    log = plausible_log(1, seed=1)
    with pytest.raises(ValueError, match="1 rows are too few"):
        fit_contract(log.schema, log.rows)
