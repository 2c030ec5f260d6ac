*** Settings ***
Documentation     What stops the car.
Library           keywords/patrol_car.py
Suite Setup       The Car Is Switched On
Suite Teardown    The Car Is Switched Off
Test Setup        The Car Stands And Tells 50 Times A Second
Test Teardown     What A Failed Case Leaves Is Kept

*** Test Cases ***
The Link Goes Silent
    Drive At 300 mm/s Turning 0 deg/s
    Telemetry Shows duty_left at 30
    The Car's Counters Are Noted
    The Host Says Nothing For 1000 Ms
    Telemetry Shows duty_left at 0
    Telemetry Shows duty_right at 0
    Telemetry Shows speed_set at 300
    link_silences Has Grown By 1

A Car That Was Stopped By Silence Drives When It Is Told To Again
    Drive At 300 mm/s Turning 0 deg/s
    The Host Says Nothing For 1000 Ms
    The Car Answers A Ping With 1
    20 Rows All Have duty_left Between 0 And 0
    Drive At 200 mm/s Turning 0 deg/s
    Telemetry Shows duty_left at 20

Heartbeats Keep The Car Driving
    Drive At 300 mm/s Turning 0 deg/s
    The Car's Counters Are Noted
    The Host Only Sends Heartbeats For 2000 Ms
    link_silences Has Grown By 0
    20 Rows All Have duty_left Between 30 And 30

How Long The Host May Be Silent Is A Setting
    Set link_timeout To 10000
    Drive At 300 mm/s Turning 0 deg/s
    The Car's Counters Are Noted
    The Host Says Nothing For 1000 Ms
    link_silences Has Grown By 0
    20 Rows All Have duty_left Between 30 And 30
    Set link_timeout To 500

The Emergency Stop Stops The Motors
    Drive At 300 mm/s Turning 0 deg/s
    The Emergency Stop Is Pressed
    20 Rows All Have duty_left Between 0 And 0
    20 Rows All Have duty_right Between 0 And 0

The Emergency Stop Holds Until Resume
    The Emergency Stop Is Pressed
    The Car Refuses To Drive
    The Car Answers A Ping With 9
    The Car Refuses To Drive
    The Emergency Stop Is Released
    20 Rows All Have duty_left Between 0 And 0
    Drive At 300 mm/s Turning 0 deg/s
    Telemetry Shows duty_left at 30

The Emergency Stop Holds For The Next Host Too
    Drive At 300 mm/s Turning 0 deg/s
    The Emergency Stop Is Pressed
    The Host Disconnects
    The Host Connects
    The Car Refuses To Drive

A Host That Never Greeted Can Stop The Car
    Set link_timeout To 10000
    Drive At 300 mm/s Turning 0 deg/s
    The Emergency Stop Is Pressed By A Host That Never Greeted
    The Host Connects
    The Car Refuses To Drive
    20 Rows All Have duty_left Between 0 And 0
    Set link_timeout To 500

*** Keywords ***
The Car Stands And Tells 50 Times A Second
    A Case Begins
    The Emergency Stop Is Released
    Stop The Car
    Telemetry Comes 50 Times A Second
