"""What a shell is offered for the word under the cursor."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from host.cli import main


def offered(line: str, name: str = "host") -> list[str]:
    """For the last word of a line, which may be empty, as bash asks for it."""
    words = line.split(" ")
    program = f"import sys; sys.argv = [{name!r}]; from host.cli.main import main; main()"
    asked = {
        "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1),
        f"_{name.upper()}_COMPLETE": "complete_bash",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **asked}, capture_output=True, text=True,
        check=True, timeout=60,
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("host fl", ["flash"]),
        ("host send dr", ["drive"]),
        ("host send set speed", ["speed_limit"]),
        ("host send set speed_limit 4", []),
        ("host send mode pa", ["patrol"]),
        ("host deploy --set ", ["patrol", "drive", "small"]),
    ],
)
def test_verbs_commands_parameters_and_sets_are_offered(line: str, words: list[str]) -> None:
    assert offered(line) == words


def test_the_alias_is_completed_as_the_program_is() -> None:
    assert offered("patrol fl", main.ALIAS) == ["flash"]
