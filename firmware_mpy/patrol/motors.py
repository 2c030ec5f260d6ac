"""The motor driver's pins, and the battery's: all that the car's own hardware is."""

from machine import ADC, Pin

from patrol import pins

try:
    from machine import PWM
except ImportError:  # MicroPython's own stm32 builds before 1.28
    PWM = None

_DUTY_U16 = 65535
_FULL_PERMILLE = 1000


def chip_pin(name):
    """A pin by the chip's name for it. Some boards have an A4 of their own, which Pin("A4") would be."""
    return getattr(Pin.cpu, name) if hasattr(Pin, "cpu") else name


class _TimerChannel:
    """A PWM pin through pyb.Timer, with the one method of machine.PWM that is used here."""

    def __init__(self, pin, freq):
        import pyb

        number, channel = pins.PWM_TIMERS[pin]
        timer = pyb.Timer(number, freq=freq)
        self._span = timer.period() + 1
        self._channel = timer.channel(channel, pyb.Timer.PWM, pin=Pin(chip_pin(pin)))
        self._channel.pulse_width(0)

    def duty_u16(self, duty):
        self._channel.pulse_width(duty * self._span // _DUTY_U16)


def _pwm(pin):
    if PWM is None:
        return _TimerChannel(pin, pins.MOTOR_PWM_HZ)
    return PWM(Pin(chip_pin(pin)), freq=pins.MOTOR_PWM_HZ, duty_u16=0)


class Motor:
    """One channel of the driver. A duty is in 1/1000, negative backward."""

    def __init__(self, pwm, forward, backward):
        self._pwm = _pwm(pwm)
        self._forward = Pin(chip_pin(forward), Pin.OUT, value=0)
        self._backward = Pin(chip_pin(backward), Pin.OUT, value=0)

    def set(self, duty):
        # At a duty of 0 both inputs are low and the motor coasts.
        self._forward.value(duty > 0)
        self._backward.value(duty < 0)
        self._pwm.duty_u16(abs(duty) * _DUTY_U16 // _FULL_PERMILLE)


class Battery:
    def __init__(self):
        self._adc = ADC(Pin(chip_pin(pins.BATTERY_ADC)))

    def millivolts(self):
        return self._adc.read_u16() * pins.BATTERY_FULL_SCALE_MV // _DUTY_U16
