"""What the board runs after a reset."""

from update import start

start.run()
