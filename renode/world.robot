*** Settings ***
Documentation     The car drives in a simulated world: it follows what it is told, stops for what is in its way, and
...               names what is broken. The world's time is the board's, so a case takes as long as it computes.
Library           keywords/patrol_car.py
Suite Teardown    The Car Is Switched Off
Test Setup        The Car Is Switched On In hall.toml With Seed 7
Test Teardown     What A Failed Case Leaves Is Kept
Test Tags         world

*** Test Cases ***
The Car Drives Forward And Straight
    Drive At 300 mm/s Turning 0 deg/s
    The Car Comes 900 mm Ahead Within 4 Seconds
    Stop The Car
    The Car Stands Within 1000 Ms
    The Car Is At 1750, 1500 Within 80 mm
    The Car Has Touched Nothing

The Car Turns On The Spot By As Much As It Was Told
    Drive At 0 mm/s Turning 90 deg/s
    The Car Has Turned 90 Degrees Within 2 Seconds
    Stop The Car
    The Car Stands Within 1000 Ms
    The Car Is At 800, 1500 Within 40 mm

A Silent Host Stops A Car That Drives
    Drive At 300 mm/s Turning 0 deg/s
    The Car Comes 300 mm Ahead Within 3 Seconds
    With A Silent Host The Car Stands Within 1000 Ms

The Emergency Stop Brings The Car To Rest
    Drive At 400 mm/s Turning 0 deg/s
    The Car Comes 300 mm Ahead Within 3 Seconds
    The Emergency Stop Is Pressed
    The Motors Are Off Within 20 Ms
    The Car Stands Within 600 Ms

A Patrol Goes Through The Door And Comes Home
    The Route hall.toml Begins
    The Car Is In Mode idle Within 60 Seconds
    The Car Is At Home
    The Car Has Touched Nothing

The Left Encoder Dies
    The Route hall.toml Begins
    The Car Comes 300 mm Ahead Within 6 Seconds
    The Left Encoder Dies
    The Motors Are Off Within 200 Ms
    The Car Names The Fault encoder_left
    The Car Is In Mode idle

The Right Wheel Is Stalled
    The Route hall.toml Begins
    The Car Comes 300 mm Ahead Within 6 Seconds
    The Right Wheel Is Stalled
    The Motors Are Off Within 200 Ms
    The Car Names The Fault motor_right

The Front Ranger Is Stuck
    The Route hall.toml Begins
    The Car Comes 300 mm Ahead Within 6 Seconds
    The Front Ranger Is Stuck
    The Motors Are Off Within 200 Ms
    The Car Names The Fault ranger

The Gyro Goes Silent, And The Car Moves No More Until It Is Told So
    The Route hall.toml Begins
    The Car Comes 300 mm Ahead Within 6 Seconds
    The Gyro Goes Silent
    The Motors Are Off Within 200 Ms
    The Car Names The Fault imu
    The Car Refuses To Follow The Line

A Flat Battery Stops The Car
    The Route hall.toml Begins
    The Car Comes 300 mm Ahead Within 6 Seconds
    The Battery Is Flat
    The Motors Are Off Within 200 Ms
    The Car Names The Fault battery

The Battery Runs Low, And The Car Returns Home
    The Route hall.toml Begins
    The Car Comes 1500 mm Ahead Within 10 Seconds
    The Battery Runs Low
    The Car Is In Mode home Within 3 Seconds
    The Car Is In Mode idle Within 30 Seconds
    The Car Is At Home
