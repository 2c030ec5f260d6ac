"""What the board runs after a reset."""

from patrol import app

app.run()
