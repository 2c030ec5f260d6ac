"""The page in a real Chromium, served by `host web` in front of the emulated car."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import ActionChains, Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from host.emulate import Emulator
from tests.host.emulated_world import emulated_hall

pytestmark = pytest.mark.emulator

ROOT = Path(__file__).parents[3]
_WAIT_S = 30


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert chromium, "Chromium is missing; `make setup` installs it"
    assert driver, "Chromium's driver is missing; `make setup` installs it"
    options = ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--window-size=1400,900", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium's sandbox refuses root
    browser = Chrome(options, Service(driver))
    yield browser
    browser.quit()


@contextmanager
def serving(link_url: str) -> Iterator[str]:
    """`host web` in front of a car; the page's address."""
    command = [
        sys.executable, "-m", "host", "web", "--port", link_url, "--rate", "20", "--json",
        "--map", str(ROOT / "maps/yard.toml"), "--web-port", "0",
    ]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    yield json.loads(server.stdout.readline())["url"]
    server.send_signal(signal.SIGINT)
    assert server.wait(20) == 0


@pytest.fixture(scope="module")
def url(emulated_car: Emulator) -> Iterator[str]:
    with serving(emulated_car.link_url) as address:
        yield address


@pytest.fixture
def page(browser: Chrome, url: str) -> Chrome:
    browser.get("about:blank")  # another fragment alone loads nothing anew
    browser.get(url)
    until(browser, lambda: text(browser, "connection") == "connected")
    until(browser, lambda: text(browser, "value-speed_set") == "0")
    return browser


def text(browser: Chrome, name: str) -> str:
    return browser.find_element(By.ID, name).text


def until(browser: Chrome, what: object) -> None:
    WebDriverWait(browser, _WAIT_S, poll_frequency=0.05).until(lambda _: what())  # type: ignore[operator]


def stands(page: Chrome) -> bool:
    return text(page, "value-speed_set") == "0" and text(page, "value-duty_left") == "0.0"


def test_stop_is_clicked_and_the_car_stops(page: Chrome) -> None:
    ActionChains(page).key_down(Keys.ARROW_UP).perform()
    until(page, lambda: text(page, "value-speed_set") == "300" and text(page, "value-duty_left") != "0.0")
    page.find_element(By.ID, "stop").click()
    until(page, lambda: stands(page))
    ActionChains(page).key_up(Keys.ARROW_UP).perform()
    assert "drive 300 mm/s" in text(page, "log")


def test_in_a_world_the_wheels_turn_and_stop_is_clicked_and_they_stand(
    browser: Chrome, tmp_path: Path
) -> None:
    with emulated_hall(tmp_path) as hall, serving(hall.link_url) as address:
        browser.get(address)
        until(browser, lambda: text(browser, "value-mode") == "idle")
        ActionChains(browser).key_down(Keys.ARROW_UP).perform()
        until(browser, lambda: float(text(browser, "value-wheel_left")) > 100)
        assert text(browser, "value-mode") == "manual"
        browser.find_element(By.ID, "stop").click()
        until(browser, lambda: abs(float(text(browser, "value-wheel_left"))) < 5)
        until(browser, lambda: text(browser, "value-mode") == "idle")
        x_mm = text(browser, "value-x")
        ActionChains(browser).key_up(Keys.ARROW_UP).perform()
        clock = text(browser, "clock")
        until(browser, lambda: text(browser, "clock") != clock)
        assert abs(float(text(browser, "value-x")) - float(x_mm)) < 5
        browser.get("about:blank")  # while there is still somebody to leave


def test_a_button_drives_while_it_is_held(page: Chrome) -> None:
    ActionChains(page).click_and_hold(page.find_element(By.ID, "turn-left")).perform()
    until(page, lambda: text(page, "value-turn_set") == "60")
    ActionChains(page).release().perform()
    until(page, lambda: text(page, "value-turn_set") == "0")


def test_halt_holds_until_resume(page: Chrome) -> None:
    page.find_element(By.ID, "halt").click()
    until(page, lambda: page.find_element(By.ID, "halted").is_displayed())
    page.find_element(By.ID, "resume").click()
    until(page, lambda: not page.find_element(By.ID, "halted").is_displayed())


def test_the_page_shows_map_link_and_marks_without_an_error(page: Chrome) -> None:
    page.find_element(By.ID, "mark").click()
    until(page, lambda: "mark at" in text(page, "log"))
    assert text(page, "place").startswith("yard")
    assert "round trip" in text(page, "link")
    clock = text(page, "clock")
    until(page, lambda: text(page, "clock") != clock)
    # The floor is drawn: some dots of the canvas are not transparent.
    drawn = "const c = document.getElementById('map'); const d = c.getContext('2d')"
    drawn += ".getImageData(0, 0, c.width, c.height).data; return d.some((value) => value)"
    assert page.execute_script(drawn)
    assert page.get_log("browser") == []


def test_the_car_stops_when_the_page_goes_away(page: Chrome, url: str) -> None:
    ActionChains(page).key_down(Keys.ARROW_UP).perform()
    until(page, lambda: text(page, "value-speed_set") == "300")
    page.get("about:blank")
    page.get(url)
    until(page, lambda: text(page, "connection") == "connected" and stands(page))
    ActionChains(page).key_up(Keys.ARROW_UP).perform()


def test_without_the_token_the_page_shows_nothing_and_says_what_to_do(browser: Chrome, url: str) -> None:
    browser.get("about:blank")
    browser.get(url.partition("#")[0])
    until(browser, lambda: "token and all" in text(browser, "reason"))
    assert not browser.find_elements(By.CSS_SELECTOR, "#values td")


def test_a_page_of_another_site_gets_nowhere(browser: Chrome, url: str) -> None:
    browser.get("data:text/html,<title>another site</title>")
    tried = """
        const [host, done] = arguments;
        const socket = new WebSocket(`ws://${host}/live`);
        socket.onopen = () => done("open");
        socket.onerror = () => fetch(`http://${host}/order`, { method: "POST", body: '{"do":"stop"}' })
          .then((answer) => done(`answered ${answer.status}`), () => done("refused"));
    """
    assert browser.execute_async_script(tried, urlsplit(url).netloc) == "refused"
