"""MPU-6050 over I2C (register map RM-MPU-6000A-00): acceleration and turn rate."""

from machine import Pin
from micropython import const

from patrol.motors import chip_pin

try:
    from machine import SoftI2C as _Bus  # a build's hardware bus may have other pins than ours
except ImportError:
    _Bus = None

_STUCK_US = const(1000)
"""Somebody who holds the clock for so long is broken; the default would cost two periods of the control."""
_ADDRESS = const(0x68)
_PWR_MGMT_1 = const(0x6B)
_FIRST = const(0x3B)  # ACCEL_XOUT_H; one reading has 14 bytes from there, of one sample
_BYTES = const(14)
_ACCEL_X = const(0)
_ACCEL_Y = const(2)
_GYRO_Z = const(12)


def _bus(number, scl, sda):
    if _Bus is None:
        from machine import I2C

        return I2C(number)
    bus_pins = Pin(chip_pin(scl)), Pin(chip_pin(sda))
    return _Bus(*bus_pins, freq=400_000, timeout=_STUCK_US)


def _value(sample, at):
    """A signed number of 16 bits; the chip sends the high byte first."""
    value = sample[at] << 8 | sample[at + 1]
    return value - ((value & 0x8000) << 1)


class Imu:
    """`read` takes in the newest sample: `gyro_z`, 131 a deg/s, `accel_x` forward and `accel_y` to the left,
    16,384 a g. It answers whether there was one."""

    def __init__(self, pins):
        self._bus = _bus(*pins)
        self._sample = bytearray(_BYTES)
        self._awake = False
        self.gyro_z = self.accel_x = self.accel_y = 0

    def read(self):
        try:
            if not self._awake:
                self._bus.writeto_mem(_ADDRESS, _PWR_MGMT_1, b"\x00")
                self._awake = True
            self._bus.readfrom_mem_into(_ADDRESS, _FIRST, self._sample)
        except OSError:
            self._awake = False  # it may have lost its power
            return False
        sample = self._sample
        self.gyro_z = _value(sample, _GYRO_Z)
        self.accel_x, self.accel_y = _value(sample, _ACCEL_X), _value(sample, _ACCEL_Y)
        return True
