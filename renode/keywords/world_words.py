"""Words for a car in a simulated world: what it is told, and what happens to it and around it."""

from __future__ import annotations

import math

from car_backend import ROOT
from car_words import Words
from robot.api.deco import keyword
from world_backend import WorldBackend

from host.simulation.orders import begin, place_at_start
from host.world import Route, load_map, load_route
from host.world.map import Mover
from host.world.route_file import Waypoint
from host.world.solids import Capsule, Solid
from host.world.world import World
from protocol.messages import Status
from protocol.pilot_commands import MODES

OBSTACLE = "obstacle"
_OBSTACLE_RADIUS_MM = 100.0
NOSE_MM = 100.0


class WorldWords(Words):
    """One car in one world."""

    @property
    def world(self) -> World:
        """That the car is in."""
        return self.in_world.world

    @property
    def in_world(self) -> WorldBackend:
        """Board and world together."""
        if not isinstance(self.board, WorldBackend):
            raise AssertionError("the car is in no world; begin with `The Car Is Switched On In yard.toml`")
        return self.board

    def make_world(self, map_name: str, seed: int) -> WorldBackend:
        """A back end in one of the maps of the repository."""
        return WorldBackend(World(load_map(ROOT / "maps" / map_name), seed, fires_itself=False), seed)

    def take_place(self) -> None:
        """Tell the car where it stands, and to tell of itself 50 times a second."""
        place_at_start(self.link, self.world.map)
        self.link.send("rate", {"hz": 50})

    # What is ordered.

    @keyword("The Route ${name} Begins")
    def the_route_begins(self, name: str) -> None:
        """One of the repository's."""
        begin(self.link, load_route(ROOT / "routes" / name))

    @keyword("The Car Patrols To ${x:\\d+}, ${y:\\d+}")
    def the_car_patrols_to(self, x: int, y: int) -> None:
        """A route of one waypoint, where it stays."""
        begin(self.link, Route("", (Waypoint(x, y, 0),), 1, return_home=False))

    @keyword("The Car Is Told To Follow The Line")
    def follow_the_line(self) -> None:
        """Until it is told something else."""
        begin(self.link, None)

    @keyword("The Faults Are Cleared")
    def the_faults_are_cleared(self) -> None:
        """The car drives again when it is told to, unless what was broken still is."""
        self.link.send("clear")

    @keyword("The Car Refuses To Follow The Line")
    def the_car_refuses(self) -> None:
        """Because of a fault."""
        status = self.refusal("mode", {"mode": MODES.index("line")})
        assert status is Status.FAULTY, f"refused with {status.name}"

    # What happens.

    @keyword("An Obstacle Appears At ${mm:\\d+} mm")
    def an_obstacle_appears(self, mm: int) -> None:
        """Round, of 20 cm, so far ahead of the car's nose."""
        self.an_obstacle_appears_aside(mm, 0)

    @keyword("An Obstacle Appears At ${mm:\\d+} mm And ${aside:-?\\d+} mm To The Left")
    def an_obstacle_appears_aside(self, mm: int, aside: int) -> None:
        """Its middle is so far beside the car's."""
        place = self.place_ahead(NOSE_MM + mm + _OBSTACLE_RADIUS_MM, aside)
        self.world.room.put(Solid(OBSTACLE, (Capsule(place, place, _OBSTACLE_RADIUS_MM),)))

    @keyword("The Obstacle Goes Away")
    def the_obstacle_goes_away(self) -> None:
        """As if it had never been there."""
        self.world.room.take_away(OBSTACLE)

    @keyword("Somebody Walks Across The Way ${mm:\\d+} mm Ahead")
    def somebody_walks_across(self, mm: int) -> None:
        """From the right to the left, from now on, at 600 mm/s."""
        ahead = NOSE_MM + mm + 150
        ways = (self.place_ahead(ahead, -900), self.place_ahead(ahead, 900))
        now_s = self.world.time_us / 1e6
        self.world.room.let_walk(Mover("somebody", 150.0, ways, 600.0, now_s, repeat=False))

    @keyword("The Door Is Closed")
    def the_door_is_closed(self) -> None:
        """All that the map has are."""
        for door in self.world.map.doors:
            self.world.room.put(door.solid())

    @keyword("The Door Opens")
    def the_door_opens(self) -> None:
        """All that the map has do."""
        for door in self.world.map.doors:
            self.world.room.take_away(door.name)

    @keyword("The ${side:Left|Right} Encoder Dies")
    def an_encoder_dies(self, side: str) -> None:
        """Its counts stand still from now on."""
        self.world.break_down(f"encoder_{side.lower()}")

    @keyword("The ${side:Left|Right} Wheel Is Stalled")
    def a_wheel_is_stalled(self, side: str) -> None:
        """It does not turn, whatever its motor gets."""
        self.world.break_down(f"motor_{side.lower()}")

    @keyword("The ${place:Front|Left|Right} Ranger Is Stuck")
    def a_ranger_is_stuck(self, place: str) -> None:
        """It says its last value for ever."""
        self.world.break_down(f"ranger_{place.lower()}")

    @keyword("The Gyro Goes Silent")
    def the_gyro_goes_silent(self) -> None:
        """The MPU-6050 does not answer."""
        self.world.break_down("imu")

    @keyword("The Battery Runs Low")
    def the_battery_runs_low(self) -> None:
        """To where there is enough for the way home, and no more."""
        self.world.recharge(0.035)

    @keyword("The Battery Is Flat")
    def the_battery_is_flat(self) -> None:
        """At once."""
        self.world.break_down("battery_flat")

    def place_ahead(self, ahead_mm: float, left_mm: float) -> tuple[float, float]:
        """A place beside the car's middle, on the map."""
        pose = self.world.pose
        cosine, sine = math.cos(math.radians(pose.heading_deg)), math.sin(math.radians(pose.heading_deg))
        return (
            pose.x_mm + ahead_mm * cosine - left_mm * sine, pose.y_mm + ahead_mm * sine + left_mm * cosine
        )
