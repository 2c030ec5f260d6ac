"""A MicroPython program: the car's control, served to a simulation over a pipe as lines of JSON."""

import gc
import json
import sys
from array import array

from patrol.control import faults, geometry, median, modes, parameters, trigonometry
from patrol.control.senses import Senses


class Output:
    """Takes the duties."""

    def __init__(self):
        self.left = self.right = 0

    def set_duties(self, left, right):
        self.left, self.right = left, right


class Served:
    def __init__(self):
        self.restart()

    def restart(self):
        self.senses, self.output = Senses(), Output()
        self.control = modes.Control(self.output, self.senses)

    def order(self, name, *arguments):
        return getattr(self.control, name)(*arguments)

    def route(self, points, laps, returns_home, home):
        route = self.control.route
        route.clear()
        taken = [route.add(*point) for point in points]
        route.laps, route.returns_home = laps, returns_home
        route.set_home(*home)
        return taken

    def parameter(self, name, value):
        self.control._parameters[getattr(parameters, name)] = value

    def geometry(self, name):
        return getattr(geometry, name)

    def step(self, dt_us, left, right, ranges, ages, ok, line, gyro, imu_ok, battery):
        """One period: the duties, what the control thinks, and the bytes it took from the heap."""
        senses, control = self.senses, self.control
        senses.encoder_left, senses.encoder_right = left, right
        for place in range(3):
            senses.ranges[place], senses.ranges_age_ms[place] = ranges[place], ages[place]
        for place in range(5):
            senses.line[place] = line[place]
        senses.ranges_ok, senses.gyro_z, senses.imu_ok, senses.battery_mv = ok, gyro, imu_ok, battery
        before = gc.mem_alloc()
        control.step(dt_us)
        heap = gc.mem_alloc() - before
        odometry = control.odometry
        return (
            self.output.left, self.output.right, control.mode, control.faults.bits, control.faults.first,
            odometry.x, odometry.y, odometry.heading, odometry.speed_left, odometry.speed_right,
            control.route.at, control.avoider.phase, control.line.position, heap,
        )  # fmt: skip

    def pose(self, x, y, heading):
        """And a gyro whose bias is known, though nothing was learned."""
        self.control.odometry.set_pose(x, y, heading)
        self.control.odometry._learned = 64

    def forget_faults(self):
        """From now on none stops the car."""
        self.control.faults.report = lambda bit: None

    def fault_name(self):
        return self.control.faults.name, faults.name_of(0)

    def trigonometry(self, name, arguments):
        return [getattr(trigonometry, name)(*each) for each in arguments]

    def median(self, name, arguments):
        return [getattr(median, name)(array("i", each), 0) for each in arguments]

    def median_heap(self):
        values = array("i", (3, 2, 1))
        before = gc.mem_alloc()
        median.median3(values, 0)
        return gc.mem_alloc() - before


def serve():
    served = Served()
    print("serving")
    while True:
        line = sys.stdin.readline()
        if not line:
            break
        do, *arguments = json.loads(line)
        print(json.dumps(getattr(served, do)(*arguments)))


serve()
