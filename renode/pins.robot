*** Settings ***
Documentation     What the motors get at their pins, and what the board reads from its own. QEMU has no pins.
Library           keywords/patrol_car.py
Suite Setup       The Car Is Switched On
Suite Teardown    The Car Is Switched Off
Test Setup        A Case Begins
Test Teardown     What A Failed Case Leaves Is Kept
Test Tags         renode

*** Test Cases ***
Both Motors Get The Duty Of A Drive Forward
    Drive At 300 mm/s Turning 0 deg/s
    The left Motor Is Given 30 % forward
    The right Motor Is Given 30 % forward

Both Motors Get The Duty Of A Drive Backward
    Drive At -600 mm/s Turning 0 deg/s
    The left Motor Is Given 60 % backward
    The right Motor Is Given 60 % backward

The Motors Run Against Each Other When The Car Turns On The Spot
    Drive At 0 mm/s Turning 180 deg/s
    The left Motor Is Given 23 % backward
    The right Motor Is Given 23 % forward

A Car That Stops Coasts
    Drive At 300 mm/s Turning 0 deg/s
    Stop The Car
    The left Motor Coasts
    The right Motor Coasts

The Voltage At The Battery's Pin Is In The Telemetry
    Telemetry Comes 50 Times A Second
    The Battery's Pin Has Sample 2482
    Telemetry Shows battery above 7
    20 Rows All Have battery Between 7.95 And 8.05

The Button Pulls Its Pin Low
    Pin C13 Is high
    The Button Is pressed
    Pin C13 Is low
    The Button Is released
    Pin C13 Is high
