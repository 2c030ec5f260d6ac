*** Settings ***
Documentation     What the car tells of itself.
Library           keywords/patrol_car.py
Suite Setup       The Car Is Switched On
Suite Teardown    The Car Is Switched Off
Test Setup        A Case Begins
Test Teardown     What A Failed Case Leaves Is Kept

*** Test Cases ***
Telemetry Comes As Often As It Was Asked For
    Telemetry Comes 50 Times A Second
    Rows Are 20 Ms Apart
    Telemetry Comes 20 Times A Second
    Rows Are 50 Ms Apart

Telemetry Can Be Turned Off And On Again
    Telemetry Comes 0 Times A Second
    No Row Comes Within 500 Ms
    Telemetry Comes 50 Times A Second
    Telemetry Shows heap_free above 0

The Battery Is In The Telemetry
    20 Rows All Have battery Between 0 And 13.2

The Board's Own Health Is In The Telemetry
    20 Rows All Have heap_free Between 1000 And 131072
    20 Rows All Have loop_time Between 1 And 65535
    20 Rows All Have frames_bad Between 0 And 0

A Host That Joins Late Understands The Telemetry
    The Host Disconnects
    The Host Connects
    Telemetry Shows heap_free above 0

Broken Frames Are In The Telemetry
    200 Bytes Of Garbage Are On The Line
    Telemetry Shows frames_bad above 0

Nothing Is Lost While The Host Reads Along
    The Host Disconnects
    The Host Connects
    Telemetry Comes 50 Times A Second
    60 Rows All Have speed_set Between 0 And 0
    No Row Was Lost
