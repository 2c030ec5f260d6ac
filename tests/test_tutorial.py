"""The tutorial's commands to a car in a world work one after another, as they stand there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.cli.main import VERBS
from tests.test_readme import ROOT, run

pytestmark = pytest.mark.emulator

DOCS = ROOT / "docs"
TUTORIAL = (DOCS / "tutorial.md").read_text(encoding="utf-8")
LINES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", TUTORIAL, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("host ")
]


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The car in the yard, running as the reader's does; what its first line said."""
    command = [sys.executable, "-m", "host", "emulate", "--world", "maps/yard.toml", "--json"]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()


def test_every_step_of_the_tutorial_works_in_order(yard: dict[str, str]) -> None:
    assert len(LINES) == 10
    for line in LINES:
        done = run(line, PATROL_PORT=yard["link"])
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        assert done.stdout.strip(), line
    assert (ROOT / "build" / "first.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("page", ["tutorial.md", "tutorial-board.md", "recipes.md"])
def test_every_verb_and_option_that_a_page_names_is_there(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    reference = (DOCS / "reference.md").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^host ([a-z]+)", text, re.MULTILINE)) | set(re.findall(r"`host ([a-z]+)", text))
    assert verbs <= set(VERBS)
    known = set(re.findall(r"--[a-z-]+", reference)) | {"--help", "--install-completion"}
    orders = {"--speed", "--turn", "--x", "--y"}
    assert set(re.findall(r"(?<=\s)--[a-z][a-z-]+", text)) <= known | orders


def test_a_shell_completes_verbs() -> None:
    done = run("host", _HOST_COMPLETE="complete_bash", COMP_WORDS="host fla", COMP_CWORD="1")
    assert done.stdout.split() == ["flash"]


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*DOCS.glob("*.md"), ROOT / "README.md"]:
        for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page.name, target)


def test_the_readme_is_where_a_reader_begins() -> None:
    assert "docs/tutorial.md" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert Path(ROOT / "docs" / "reference.md").is_file()
