"""What a small board runs after a reset: the application, without the choice between updates."""

import gc

gc.threshold(2048)  # collect often while modules load: the heap stays in one piece for the large tables

from patrol import app

app.run()
