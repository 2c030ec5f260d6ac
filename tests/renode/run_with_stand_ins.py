"""Runs a suite as renode-test does, but with the stand-in for its keywords. Arguments: SUITE OUT."""

from __future__ import annotations

import sys
from pathlib import Path

from robot.running.builder import TestSuiteBuilder

from tests.renode.repl import ROOT

suite_file, out = ROOT / "renode" / sys.argv[1], Path(sys.argv[2])
suite = TestSuiteBuilder().build(suite_file)
suite.resource.imports.create(type="Library", name=str(Path(__file__).with_name("stand_in_keywords.py")))
for test in suite.tests:
    # What renode-test does to a case that says nothing else; the board must not be lost between two cases.
    if not test.setup:
        test.setup.config(name="Reset Emulation")
variables = ["BACKEND:renode", f"RESULTS_DIRECTORY:{out}"]
result = suite.run(output=str(out / "output.xml"), log=None, report=None, variable=variables)
sys.exit(result.return_code)
