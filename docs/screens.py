"""Pictures of `host monitor` and `host web` while the emulated car patrols the yard; `make docs` runs it.

    python docs/screens.py      writes docs/monitor.svg and docs/web.png
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from host.link import Link, open_port
from host.monitor import orders
from host.monitor.floor import floor_plan
from host.monitor.monitored_car import MonitoredCar
from host.monitor.snapshot import Connection
from host.monitor.tui.app import MonitorApp
from host.world import load_map, load_route
from protocol.contract import load_contract

DOCS = Path(__file__).parent
MAP, ROUTE = DOCS.parent / "maps/yard.toml", DOCS.parent / "routes/loop.toml"
RATE_HZ = 20
PATROL_S = 30.0
MONITOR_SIZE = (120, 38)
PAGE_SIZE = (1400, 900)


def main() -> None:
    """Both pictures, of one drive after the other."""
    with running("emulate", "--world", str(MAP), "--seed", "7") as emulated:
        save_monitor(emulated["link"], DOCS / "monitor.svg")
        with running(
            "web", "--port", emulated["link"], "--map", str(MAP), "--route", str(ROUTE),
            "--rate", str(RATE_HZ), "--web-port", "0",
        ) as served:
            save_page(served["url"], DOCS / "web.png")


@contextmanager
def running(*arguments: str) -> Iterator[dict[str, str]]:
    """A verb of `host` that runs until it is told to end; what it printed as JSON."""
    command = [sys.executable, "-m", "host", *arguments, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def save_monitor(link_url: str, picture: Path) -> None:
    """The terminal program, without a terminal."""
    contract, floor, route = load_contract(), load_map(MAP), load_route(ROUTE)
    car = MonitoredCar(
        lambda observer: Link(open_port(link_url), contract, observer=observer), contract, rate_hz=RATE_HZ
    )
    with car:
        while car.snapshot().connection is not Connection.CONNECTED:
            time.sleep(0.1)
        car.order(orders.patrol(route))
        app = MonitorApp(
            car, contract.schema, floor_plan(floor, route), route, picture=picture, picture_after_s=PATROL_S
        )
        app.run(headless=True, size=MONITOR_SIZE)
    print(picture)


def save_page(url: str, picture: Path) -> None:
    """The web page, in a browser without a window."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    width, height = PAGE_SIZE
    for argument in ("--headless=new", f"--window-size={width},{height}", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium's sandbox refuses root
    browser = Chrome(options, Service(shutil.which("chromedriver")))
    try:
        browser.get(url)
        time.sleep(2)
        browser.find_element(By.ID, "patrol").click()
        time.sleep(PATROL_S)
        unfinished = picture.with_name("unfinished-" + picture.name)
        browser.save_screenshot(str(unfinished))
        unfinished.replace(picture)
    finally:
        browser.quit()
    print(picture)


if __name__ == "__main__":
    main()
