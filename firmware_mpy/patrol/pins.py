"""What is connected where. The only place to change for another car."""

LINK_UART = 2
LINK_BAUD = 115200
SENSORS_UART = 3
SENSORS_BAUD = 115200
RX_BUFFER_BYTES = 1024

# Two channels of a TB6612 motor driver: PWM, then its two direction inputs.
LEFT_MOTOR = ("A6", "B0", "B1")
RIGHT_MOTOR = ("A7", "B12", "B13")
MOTOR_PWM_HZ = 20000

# Where machine.PWM is missing: the timer and channel behind a pin.
PWM_TIMERS = {"A6": (3, 1), "A7": (3, 2)}

BATTERY_ADC = "A4"
BATTERY_FULL_SCALE_MV = 13200
"""At the ADC's full scale of 3.3 V, behind a divider of 30 kOhm over 10 kOhm."""
