"""JAX is told not to optimise what it compiles: the tests wait for the compiler, not for the programs."""

import os

os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
