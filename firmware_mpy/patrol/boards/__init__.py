"""One module a board: which pin of the chip goes where. `patrol.pins` chooses."""
