"""What is around the board, one module a kind of part."""
