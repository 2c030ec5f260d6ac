*** Settings ***
Documentation     What the wire does to the conversation, and what it does not.
Library           keywords/patrol_car.py
Suite Setup       The Car Is Switched On
Suite Teardown    The Car Is Switched Off
Test Setup        A Case Begins
Test Teardown     What A Failed Case Leaves Is Kept

*** Test Cases ***
Commands Are Executed In The Order In Which They Were Given
    The Car Answers 8 Pings At Once In Their Order
    The Car Answers 50 Pings At Once In Their Order

A Command That Does Not Exist Never Reaches The Wire
    The Host Refuses To Send jump

A Command Sent Twice Is Executed Once
    The Car's Counters Are Noted
    A Drive Command Of 300 mm/s Arrives Twice
    commands_repeated Has Grown By 1
    The Car's Counters Are Noted
    A Drive Command Of 200 mm/s Arrives Twice
    The Car Has Executed 1 More Commands
    Stop The Car

A Command That Is Lost Is Sent Again
    The Car's Counters Are Noted
    A Drive Command Of 200 mm/s Is lost On The Way
    The Car Has Executed 1 More Commands
    Telemetry Shows speed_set at 200
    Stop The Car

A Command That Is Damaged Is Not Believed But Sent Again
    The Car's Counters Are Noted
    A Drive Command Of 250 mm/s Is damaged On The Way
    frames_bad Has Grown By 1
    Telemetry Shows speed_set at 250
    Stop The Car

Garbage On The Line Changes Nothing
    Drive At 300 mm/s Turning 0 deg/s
    The Car's Counters Are Noted
    400 Bytes Of Garbage Are On The Line
    The Car Has Executed 0 More Commands
    frames_bad Has Grown
    Telemetry Shows speed_set at 300
    track_width Reads 150
    Stop The Car

Another Host Takes Over
    Drive At 100 mm/s Turning 0 deg/s
    The Host Disconnects
    The Host Connects
    The Car Answers A Ping With 7
    Telemetry Shows speed_set at 100
    Stop The Car

A Setting Reads As It Was Set
    Set track_width To 200
    track_width Reads 200
    Set track_width To 150
    track_width Reads 150

A Value Out Of Range Is Refused By The Car
    Setting track_width To 5 Is Refused
    Setting rows_per_frame To 9 Is Refused
