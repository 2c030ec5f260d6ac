"""The car's pins and the world: which is which."""

from host.emulate.pins import Outputs
from host.simulation.wiring import PinTable
from host.world import Sensors

SENSORS = Sensors(7, -9, (100, 200, 300), (1, 2, 3, 4, 5), (10, -20, 16384), (1, 2, -3), 7900)


def outputs(levels: tuple[int, int, int], duties: tuple[int, int]) -> Outputs:
    return Outputs(0, levels, duties, 0, b"")


def test_a_motor_turns_the_way_its_direction_pins_say() -> None:
    table = PinTable()
    forward, backward = 1 << 0 | 1 << 12, 1 << 1 | 1 << 13  # B0, B12; B1, B13
    ahead = table.actuators(outputs((0, forward, 0), (65535, 32768)))
    assert (ahead.duty_left, ahead.duty_right) == (1000, 500)
    back = table.actuators(outputs((0, backward, 0), (65535, 32768)))
    assert (back.duty_left, back.duty_right) == (-1000, -500)
    idle = table.actuators(outputs((0, 0, 0), (65535, 65535)))
    assert (idle.duty_left, idle.duty_right) == (0, 0)


def test_sensors_are_where_the_firmware_reads_them() -> None:
    inputs = PinTable().inputs(SENSORS, [0, 0, 0], b"")
    assert inputs.encoders == (7, -9)
    assert [inputs.adc[channel] for channel in (10, 11, 12, 13, 15)] == [1, 2, 3, 4, 5]
    assert inputs.adc[4] * 13200 // 65535 in (7899, 7900)
    assert inputs.imu is not None
    assert int.from_bytes(inputs.imu[12:14], "big", signed=True) == -3
    assert inputs.levels[2] == 1 << 13  # the button is not pressed
