"""The monitor as a local web page; needs the extra `web` (aiohttp)."""
