*** Settings ***
Documentation     What is in the car's way in a simulated world: it waits, drives around it, or says that it cannot.
Library           keywords/patrol_car.py
Suite Teardown    The Car Is Switched Off
Test Setup        The Car Is Switched On In hall.toml With Seed 11
Test Teardown     What A Failed Case Leaves Is Kept
Test Tags         world

*** Test Cases ***
An Obstacle Appears At 300 mm
    The Route hall.toml Begins
    The Car Comes 500 mm Ahead Within 6 Seconds
    An Obstacle Appears At 300 mm
    The Car Stands 130 To 290 mm Before The Obstacle
    The Obstacle Goes Away
    The Car Comes 500 mm Ahead Within 6 Seconds
    The Car Has Touched Nothing

An Obstacle That Stays Is Driven Around
    The Car Patrols To 3200, 1500
    The Car Comes 300 mm Ahead Within 6 Seconds
    An Obstacle Appears At 800 mm
    The Car Is In Mode idle Within 40 Seconds
    The Car Is At 3200, 1500 Within 100 mm
    The Car Has Touched Nothing

What The Narrow Beam Misses Near By Is Not Touched
    The Car Patrols To 3200, 1500
    The Car Comes 300 mm Ahead Within 6 Seconds
    An Obstacle Appears At 800 mm And 150 mm To The Left
    The Car Is In Mode idle Within 40 Seconds
    The Car Is At 3200, 1500 Within 100 mm
    The Car Has Touched Nothing

Somebody Walks Across The Way
    The Car Patrols To 2600, 1500
    The Car Comes 300 mm Ahead Within 6 Seconds
    Somebody Walks Across The Way 600 mm Ahead
    The Car Stands Within 2000 Ms
    The Car Is In Mode idle Within 30 Seconds
    The Car Is At 2600, 1500 Within 100 mm
    The Car Has Touched Nothing

The Door Is Closed
    The Door Is Closed
    The Route hall.toml Begins
    The Car Names The Fault blocked Within 60 Seconds
    The Car Stands Within 500 Ms
    The Car Has Touched Nothing

The Door Opens While The Car Waits
    The Door Is Closed
    The Car Patrols To 5200, 1500
    The Car Comes 2500 mm Ahead Within 12 Seconds
    The Car Stands Within 3000 Ms
    The Door Opens
    The Car Is In Mode idle Within 60 Seconds
    The Car Is At 5200, 1500 Within 100 mm

The Car Follows The Line For One Lap
    [Setup]    The Car Is Switched On In track.toml With Seed 3
    The Car Is Told To Follow The Line
    The Car Has Followed The Line For One Lap Within 60 Seconds
    The Car Has Touched Nothing

An Obstacle On The Line Stops The Car
    [Setup]    The Car Is Switched On In track.toml With Seed 3
    The Car Is Told To Follow The Line
    The Car Comes 500 mm Ahead Within 6 Seconds
    An Obstacle Appears At 300 mm
    The Car Stands 130 To 290 mm Before The Obstacle
    The Obstacle Goes Away
    The Car Comes 300 mm Ahead Within 6 Seconds
    The Car Has Touched Nothing
