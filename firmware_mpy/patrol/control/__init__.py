"""What the car does with its senses: integers, no hardware. `modes.Control` is what others use."""
