*** Settings ***
Documentation     Files go to the car, come back, and are gone when they are removed.
Library           keywords/patrol_car.py
Suite Setup       The Car Is Switched On
Suite Teardown    The Car Is Switched Off
Test Setup        A Case Begins
Test Teardown     What A Failed Case Leaves Is Kept

*** Test Cases ***
A File Goes To The Car And Comes Back The Same
    File square.mission With 3000 Bytes Of Content 1 Goes To The Car
    The Car Has File square.mission Of 3000 Bytes
    File square.mission Comes Back With 3000 Bytes Of Content 1

An Empty File Is A File Too
    File empty With 0 Bytes Of Content 1 Goes To The Car
    The Car Has File empty Of 0 Bytes
    File empty Comes Back With 0 Bytes Of Content 1
    File empty Is Removed

A File Is Replaced As A Whole
    File square.mission With 500 Bytes Of Content 2 Goes To The Car
    The Car Has File square.mission Of 500 Bytes
    File square.mission Comes Back With 500 Bytes Of Content 2

A File Goes Into A Folder
    File routes/yard.toml With 200 Bytes Of Content 3 Goes To The Car
    The Car Has File routes/yard.toml Of 200 Bytes
    File routes/yard.toml Is Removed
    File routes Is Removed

A File Outlives A Restart
    The Board Restarts
    File square.mission Comes Back With 500 Bytes Of Content 2

A File That Was Removed Is Gone
    File square.mission Is Removed
    The Car Has No File square.mission

A File That Never Was Is Refused
    The Car Has No File nothing.here

What Is The Car's Own Is Not For The Link
    The Car Keeps patrol.key To Itself
    The Car Keeps rom/main.mpy To Itself
    The Car Keeps ../boot.py To Itself

A File Arrives On A Line That Loses Frames
    A Drive Command Of 0 mm/s Is lost On The Way
    File noisy With 2500 Bytes Of Content 4 Goes To The Car
    File noisy Comes Back With 2500 Bytes Of Content 4
    File noisy Is Removed
