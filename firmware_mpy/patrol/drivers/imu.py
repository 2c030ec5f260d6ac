"""MPU-6050 over I2C (register map RM-MPU-6000A-00): turn rate about the vertical."""

from machine import Pin
from micropython import const

from patrol.buffers import int16
from patrol.motors import chip_pin

try:
    from machine import SoftI2C as _Bus  # a build's hardware bus may have other pins than ours
except ImportError:
    _Bus = None

_ADDRESS = const(0x68)
_PWR_MGMT_1 = const(0x6B)
_GYRO_Z = const(0x47)


def _bus(number, scl, sda):
    if _Bus is None:
        from machine import I2C

        return I2C(number)
    return _Bus(scl=Pin(chip_pin(scl)), sda=Pin(chip_pin(sda)), freq=400_000)


class Imu:
    """`read` puts the newest value into `gyro_z`, 131 a deg/s; answers whether there was one."""

    def __init__(self, pins):
        self._bus = _bus(*pins)
        self._word = bytearray(2)
        self._turned = bytearray(2)
        self._awake = False
        self.gyro_z = 0

    def read(self):
        try:
            if not self._awake:
                self._bus.writeto_mem(_ADDRESS, _PWR_MGMT_1, b"\x00")
                self._awake = True
            self._bus.readfrom_mem_into(_ADDRESS, _GYRO_Z, self._word)
        except OSError:
            self._awake = False  # it may have lost its power
            return False
        self._turned[0], self._turned[1] = self._word[1], self._word[0]  # it sends the high byte first
        self.gyro_z = int16(self._turned, 0)
        return True
