*** Settings ***
Documentation     The car drives, turns and stops, within its limits.
Library           keywords/patrol_car.py
Suite Setup       The Car Is Switched On
Suite Teardown    The Car Is Switched Off
Test Setup        A Case Begins
Test Teardown     What A Failed Case Leaves Is Kept

*** Test Cases ***
The Car Drives Forward
    Telemetry Comes 50 Times A Second
    Drive At 300 mm/s Turning 0 deg/s
    Telemetry Shows speed_set at 300
    Telemetry Shows duty_left at 30
    Telemetry Shows duty_right at 30

The Car Drives Backward
    Drive At -200 mm/s Turning 0 deg/s
    Telemetry Shows duty_left at -20
    Telemetry Shows duty_right at -20

The Car Turns On The Spot
    Drive At 0 mm/s Turning 90 deg/s
    Telemetry Shows turn_set at 90
    Telemetry Shows duty_left below 0
    Telemetry Shows duty_right above 0

The Car Drives A Curve To The Right
    Drive At 400 mm/s Turning -45 deg/s
    Telemetry Shows turn_set at -45
    Telemetry Shows duty_left above 40
    Telemetry Shows duty_right below 40
    Telemetry Shows duty_right above 0

The Car Stops
    Drive At 300 mm/s Turning 20 deg/s
    Telemetry Shows speed_set at 300
    Stop The Car
    Telemetry Shows speed_set at 0
    Telemetry Shows duty_left at 0
    Telemetry Shows duty_right at 0

A Speed Limit Holds
    Set speed_limit To 250
    Drive At 400 mm/s Turning 0 deg/s
    Telemetry Shows speed_set at 250
    Set speed_limit To 1000

A Limit That Is Lowered Slows A Car That Drives
    Drive At 400 mm/s Turning 0 deg/s
    Telemetry Shows duty_left at 40
    Set speed_limit To 100
    Telemetry Shows duty_left at 10
    Set speed_limit To 1000

A Turn Limit Holds
    Set turn_limit To 60
    Drive At 0 mm/s Turning -200 deg/s
    Telemetry Shows turn_set at -60
    Set turn_limit To 180

A Wheel Is Never Given More Than All There Is
    Drive At 1000 mm/s Turning 180 deg/s
    20 Rows All Have duty_left Between -100 And 100
    Telemetry Shows duty_right at 100
    Stop The Car

Not A Frame Was Broken
    Every Frame Was Good
