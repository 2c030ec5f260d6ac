"""What the board runs after a reset."""

import gc

gc.threshold(2048)  # collect often while modules load: large pieces of the heap stay free for blocks of files

from update import start

start.run()
