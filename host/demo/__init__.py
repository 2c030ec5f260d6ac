"""The main job, visibly: a log goes to the board as sensor values and comes back as telemetry."""
