"""The world: what the actuators do to the car, and what its sensors say of it.

It moves in steps of SUBSTEP_US from the start on, and its sensors measure in periods of their own, so that
nothing depends on how a caller cuts the time into calls. The same map, seed, faults and duties give the
same sensors to the bit.
"""

from __future__ import annotations

from collections.abc import Sequence

from host.world.battery import Battery
from host.world.car import Car
from host.world.faults import Breakdown, Fault
from host.world.floor import BAR_AHEAD_MM, Floor, LineSensors
from host.world.imu import Imu
from host.world.map import Map
from host.world.rangers import NAMES, Ranger
from host.world.record import RANGE_US_PER_MM, SILENT_US, Actuators, Contact, Pose, Sensors, TrackPoint
from host.world.room import Room

SUBSTEP_US = 2500
SAMPLE_US = 5000
"""Period of line sensors, MPU-6050 and battery."""
RANGE_US = 10_000
"""Rangers take turns, as real ones must not to hear each other: each measures every third of it."""
TRACK_US = 50_000
APART_US = 300_000
"""Who was apart from a thing for less has not left it: one contact, not two."""

_DT_S = SUBSTEP_US / 1e6
_NOTHING = (0, 0, 0)
_FAR_US = round(3000 * RANGE_US_PER_MM)
"""Of a ranger that sticks before it has heard anything."""


class World:
    """A car on a map. `map` is what load_map gives; the seed is behind all that is random.

    Rangers measure by themselves, in turn, unless somebody else is to `fire` them.
    """

    def __init__(
        self, map: Map, seed: int, faults: Sequence[Fault] = (), *, fires_itself: bool = True
    ) -> None:
        self.map = map
        self.time_us = 0
        """What the caller has let pass."""
        self.track: list[TrackPoint] = []
        self.contacts: list[Contact] = []
        self.room = Room(map)
        self._car = Car(self.room.space, map.start, seed)
        self._battery = Battery(map.start.charge, seed)
        self._floor = Floor(map.tape)
        self._fires_itself = fires_itself
        self._rangers = [Ranger(number, seed) for number in range(len(NAMES))]
        self._line_sensors = LineSensors(seed)
        self._imu = Imu(seed)
        self._broken = Breakdown(faults)
        self._now_us = 0
        self._touched_us: dict[str, int] = {}
        self._counts = [0, 0]
        self._ranges = [ranger.measure(self.room, self._car) for ranger in self._rangers]
        self._echoes = [us if us < SILENT_US else _FAR_US for us in self._ranges]  # what each sticks at
        self._broken.advance_to(0)
        self._sample(0.0)
        self._record()

    @property
    def pose(self) -> Pose:
        """Where the car is."""
        return self._car.pose

    @property
    def collisions(self) -> int:
        """Contacts with walls, doors, obstacles and people."""
        return len(self.contacts)

    @property
    def charge(self) -> float:
        """The battery's, 0 to 1."""
        return self._battery.charge

    @property
    def at_charger(self) -> bool:
        """Whether the car stands where it is charged."""
        charger = self.map.charger
        if charger is None:
            return False
        x, y = self._car.x - charger.x_mm, self._car.y - charger.y_mm
        return x * x + y * y <= charger.radius_mm * charger.radius_mm

    def tape_distance_mm(self) -> float:
        """From the middle of the bar of line sensors to the middle of the tape; infinite without tape."""
        return round(self._floor.distance_mm(*self._car.place(BAR_AHEAD_MM, 0.0)), 1)

    @property
    def sensors(self) -> Sensors:
        """As they stand."""
        broken = self._broken.has
        front, left, right = [SILENT_US] * 3 if broken("ranger_silent") else self._ranges
        is_imu_ok = not broken("imu")
        return Sensors(
            self._counts[0], self._counts[1], (front, left, right), self._line,
            self._acceleration if is_imu_ok else _NOTHING, self._gyro if is_imu_ok else _NOTHING,
            self._battery_mv, is_imu_ok,
        )

    def step(self, actuators: Actuators, dt_us: int) -> Sensors:
        """Let time pass with the actuators so. Less than SUBSTEP_US is owed to the next call."""
        if dt_us < 0:
            raise ValueError(f"a step of {dt_us} us: time does not go back")
        self.time_us += dt_us
        while self.time_us - self._now_us >= SUBSTEP_US:
            self._substep(actuators)
        return self.sensors

    def _substep(self, actuators: Actuators) -> None:
        car, broken = self._car, self._broken.has
        stalled = (broken("motor_left"), broken("motor_right"))
        car.push(actuators, self._battery.voltage_mv, _DT_S, stalled)
        self.room.step(self._now_us / 1e6, _DT_S)
        car.settle(_DT_S)
        self._now_us += SUBSTEP_US
        self._broken.advance_to(self._now_us)
        self._count()
        self._note_contacts()
        if self._now_us % SAMPLE_US == 0:
            self._sample(SAMPLE_US / 1e6)
        if self._fires_itself and self._now_us % RANGE_US == 0:
            self._measure_range(self._now_us // RANGE_US % len(NAMES))
        if self._now_us % TRACK_US == 0:
            self._record()

    def _count(self) -> None:
        if not self._broken.has("encoder_left"):
            self._counts[0] = self._car.left.counts
        if not self._broken.has("encoder_right"):
            self._counts[1] = self._car.right.counts

    def _sample(self, since_s: float) -> None:
        car, charger = self._car, self.map.charger
        car.snap()
        car.left.wander()
        car.right.wander()
        self._line = self._line_sensors.measure(self._floor, car)
        self._acceleration, self._gyro = self._imu.measure(car, SAMPLE_US / 1e6)
        charging_ma = charger.current_ma if charger and self.at_charger else 0.0
        is_flat = self._broken.has("battery_flat")
        self._battery.draw(car.left.load + car.right.load, charging_ma, since_s, is_flat)
        self._battery_mv = self._battery.measure()

    def break_down(self, kind: str) -> None:
        """Break something of the car now. Raises FaultError."""
        self._broken.strike(kind)

    def recharge(self, charge: float) -> None:
        """Put in a battery that is so full, 0 to 1."""
        self._battery.charge = max(0.0, min(charge, 1.0))

    def fire(self, number: int) -> int:
        """Have a ranger measure now: front, left, right. The echo in us; 0 from one that is silent."""
        self._measure_range(number)
        return 0 if self._broken.has("ranger_silent") else self._ranges[number]

    def _measure_range(self, number: int) -> None:
        measured = self._rangers[number].measure(self.room, self._car)
        if self._broken.has(f"ranger_{NAMES[number]}"):
            measured = self._echoes[number]
        elif measured < SILENT_US:
            self._echoes[number] = measured
        self._ranges[number] = measured

    def _note_contacts(self) -> None:
        for thing in self.room.touched_by(self._car.body):
            if self._now_us - self._touched_us.get(thing, -APART_US) >= APART_US:
                pose = self._car.pose
                self.contacts.append(Contact(self._now_us, pose.x_mm, pose.y_mm, thing))
            self._touched_us[thing] = self._now_us

    def _record(self) -> None:
        self.track.append(TrackPoint(self._now_us, *self._car.pose))
