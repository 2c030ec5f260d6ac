"""The monitor as a full-screen terminal program; needs the extra `monitor` (Textual)."""
