*** Settings ***
Documentation     The car is switched on, says what it is, and restarts.
Library           keywords/patrol_car.py
Suite Setup       The Car Is Switched On
Suite Teardown    The Car Is Switched Off
Test Setup        A Case Begins
Test Teardown     What A Failed Case Leaves Is Kept

*** Test Cases ***
The Car Answers After It Was Switched On
    The Car Answers A Ping With 42
    The Car Answers A Ping With 65535

The Car Says What It Is
    The Car Says That It Is An Emulated patrol-car board With MicroPython 1.

A Car That Was Switched On Stands Still
    Telemetry Comes 50 Times A Second
    40 Rows All Have speed_set Between 0 And 0
    40 Rows All Have duty_left Between 0 And 0
    40 Rows All Have duty_right Between 0 And 0

The Console Has No Error To Show
    The Console Shows No Error

The Board Restarts And The Host Is Told
    The Board Restarts And The Host Goes On
    The Host Is Told That the board restarted
    The Car Answers A Ping With 3

A Restarted Board Answers Again And Stands Still
    Drive At 300 mm/s Turning 0 deg/s
    The Board Restarts
    The Car Answers A Ping With 1
    Telemetry Comes 50 Times A Second
    Telemetry Shows speed_set at 0
    Telemetry Shows duty_left at 0

A Restart Ends An Emergency Stop And Changed Settings
    The Emergency Stop Is Pressed
    Set speed_limit To 250
    The Board Restarts
    Drive At 400 mm/s Turning 0 deg/s
    speed_limit Reads 1000
    Stop The Car
