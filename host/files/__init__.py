"""The file compressor: any file in Huffman-coded, checked blocks; docs/SPEC.md has its bytes."""
