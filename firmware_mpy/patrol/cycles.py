"""What a piece of code costs: instructions where the board can count them, else processor cycles."""

import time

_started = 0

try:
    import emulated_board
    import machine

    def start():
        global _started
        # Or the millisecond tick is counted in, and the count is another one each time.
        _started = machine.disable_irq()
        emulated_board.start()

    def stop():
        ticks = emulated_board.stop()
        machine.enable_irq(_started)
        return ticks

except ImportError:

    def start():
        global _started
        _started = time.ticks_cpu()

    def stop():
        return time.ticks_diff(time.ticks_cpu(), _started)
