"""`python -m host`: the same as the `host` command."""

from host.cli.main import main

main()
