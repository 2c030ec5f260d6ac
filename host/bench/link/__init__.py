"""The link benchmark: commands over one faulty line, by this project's link and by others."""
