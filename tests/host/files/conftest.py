"""How many mutations of a compressed file to try: PATROL_MUTATIONS, or a few."""

import os

import pytest


@pytest.fixture(scope="session")
def mutations() -> int:
    return int(os.environ.get("PATROL_MUTATIONS", "120"))
