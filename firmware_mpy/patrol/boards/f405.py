"""A bare STM32F405RG board; the emulated board is one too. Pins are named as in `Pin.cpu`."""

# UARTs, and their pins: TX, then RX. MicroPython has them fixed for each UART of a board.
LINK_UART = 2
LINK_PINS = ("A2", "A3")
LINK_BAUD = 115200
SENSORS_UART = 3
SENSORS_PINS = ("B10", "B11")
SENSORS_BAUD = 115200
REPL_PINS = ("A9", "A10")  # USART1
RX_BUFFER_BYTES = 1024

# Two channels of a motor driver: PWM, then its two direction inputs.
LEFT_MOTOR = ("A6", "B0", "B1")
RIGHT_MOTOR = ("A7", "B12", "B13")
MOTOR_PWM_HZ = 20000

# Where machine.PWM is missing: the timer and channel behind a pin.
PWM_TIMERS = {"A6": (3, 1), "A7": (3, 2)}

# Timer, then phases A and B on its channels 1 and 2.
LEFT_ENCODER = (4, "B6", "B7")
RIGHT_ENCODER = (2, "A0", "A1")

# Trigger, then echo: front, left, right.
RANGERS = (("B14", "C8"), ("B15", "C9"), ("C12", "C10"))

LINE_ADCS = ("C0", "C1", "C2", "C3", "C5")  # from left to right

I2C = (1, "B8", "B9")  # bus, SCL, SDA

BUZZER = "A8"
LED = "A5"
BUTTON = "C13"  # low when pressed

BATTERY_ADC = "A4"
BATTERY_FULL_SCALE_MV = 13200
"""At the ADC's full scale of 3.3 V, behind a divider of 30 kOhm over 10 kOhm."""
