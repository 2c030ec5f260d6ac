*** Settings ***
Documentation     The car boots, answers, drives and stops: genuine firmware on an emulated STM32F405.
Library           keywords/patrol_car.py
Suite Setup       The Car Is Switched On
Suite Teardown    The Car Is Switched Off

*** Test Cases ***
The Car Answers
    The Car Answers A Ping With 42
    The Car Answers A Ping With 65535

The Car Drives Forward
    Telemetry Comes 50 Times A Second
    Drive At 300 mm/s Turning 0 deg/s
    Telemetry Shows speed_set at 300
    Telemetry Shows duty_left above 0
    Telemetry Shows duty_right above 0

The Car Turns On The Spot
    Drive At 0 mm/s Turning 90 deg/s
    Telemetry Shows turn_set at 90
    Telemetry Shows duty_left below 0
    Telemetry Shows duty_right above 0

The Car Drives Backward
    Drive At -200 mm/s Turning 0 deg/s
    Telemetry Shows duty_left below 0
    Telemetry Shows duty_right below 0

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

A Value Out Of Range Is Refused By The Car
    Setting track_width To 5 Is Refused
    Setting rows_per_frame To 9 Is Refused

A Command That Does Not Exist Never Reaches The Wire
    The Host Refuses To Send jump

Another Host Takes Over
    Drive At 100 mm/s Turning 0 deg/s
    The Host Disconnects
    The Host Connects
    The Car Answers A Ping With 7
    Telemetry Shows speed_set at 100

Not A Frame Was Broken
    Every Frame Was Good

A Restarted Board Answers Again And Stands Still
    Drive At 300 mm/s Turning 0 deg/s
    The Board Restarts
    The Car Answers A Ping With 1
    Telemetry Comes 50 Times A Second
    Telemetry Shows speed_set at 0
    Telemetry Shows duty_left at 0
