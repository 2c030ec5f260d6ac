"""The program on the PC: command line, link, emulator, training."""
