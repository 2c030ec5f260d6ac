"""What code costs on the board. No part of the car's application: `host bench board` puts it beside it."""
