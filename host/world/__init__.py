"""The world the car drives in, simulated: floor, walls, people, wheels, sensors, battery."""

from host.world.faults import Fault, FaultError
from host.world.map import Map
from host.world.map_file import MapError, load_map
from host.world.record import Actuators, Contact, Pose, Sensors, TrackPoint
from host.world.route_file import Route, RouteError, load_route

__all__ = [
    "Actuators", "Contact", "Fault", "FaultError", "Map", "MapError", "Pose", "Route", "RouteError",
    "Sensors", "TrackPoint", "load_map", "load_route",
]
