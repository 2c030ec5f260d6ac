"""What code costs on the emulated board, in instructions and bytes of heap: sorts, decoders, checksums."""
