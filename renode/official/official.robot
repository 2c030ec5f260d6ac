*** Settings ***
Documentation     The car on MicroPython's own build for the NUCLEO-F411RE, in Renode. It has never run where it was written.
...               Needs a build:  make official
...               renode-test --variable FIRMWARE:NUCLEO_F411RE.hex --include official renode/official/official.robot
Library           ../keywords/official_car.py
Suite Setup       The Nucleo Is Switched On    ${FIRMWARE}
Suite Teardown    The Nucleo Is Switched Off
Test Setup        The Nucleo Stands
Test Tags         official

*** Variables ***
${FIRMWARE}       NUCLEO_F411RE.hex

*** Test Cases ***
The Application Loads And Its Link Comes Up
    The Application Is patrol On A NUCLEO-F411RE
    At Least 12 KiB Of The Heap Are Free

Drive Changes The Duty Of Both Motors
    The Nucleo Drives At 300 mm/s Turning 0 deg/s
    Both Pins Carry 30 %
    The Nucleo Drives At 600 mm/s Turning 0 deg/s
    Both Pins Carry 60 %

A Link That Goes Silent Stops The Motors
    The Nucleo Drives At 300 mm/s Turning 0 deg/s
    The Host Says Nothing For 2 s
    Both Pins Carry 0 %
