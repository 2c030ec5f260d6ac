"""What the person at the keyboard got wrong."""


class UserError(Exception):
    """Something typed, or in a file that was named, cannot be used; exit code 2."""
