"""Words for what goes over the wire, and for a wire that misbehaves."""

from __future__ import annotations

from random import Random

from car_words import Words
from robot.api.deco import keyword

from host.link import SessionLostError
from protocol.messages import MessageError


class LinkWords(Words):
    """Commands under bad conditions, and the counters that tell of them."""

    def __init__(self) -> None:
        super().__init__()
        self._counters: dict[str, int] = {}

    @keyword
    def the_host_connects(self) -> None:
        """Greets the board: both must have the same contract."""
        self.connect()

    @keyword
    def the_host_disconnects(self) -> None:
        """Leaves the link, as a host that is closed does."""
        self.close_link()

    @keyword("The Car Answers A Ping With ${token:\\d+}")
    def the_car_answers_a_ping_with(self, token: int) -> None:
        """The reply must carry the same number."""
        answer = self.link.send("ping", {"token": token}).values["token"]
        assert answer == token, f"the car answered {answer}"

    @keyword("The Car Answers ${count:\\d+} Pings At Once In Their Order")
    def the_car_answers_pings_at_once(self, count: int) -> None:
        """All are sent before the first reply is waited for."""
        pending = [self.link.submit("ping", {"token": token}) for token in range(count)]
        replies = [self.link.wait(each).values for each in pending]
        tokens = [reply["token"] for reply in replies]
        times = [reply["uptime_ms"] for reply in replies]
        assert tokens == list(range(count)), f"the answers were {tokens}"
        assert times == sorted(times), f"they were executed at {times}"

    @keyword("The Car Says That It Is An ${machine} With MicroPython ${version}")
    def the_car_says_what_it_is(self, machine: str, version: str) -> None:
        """What the command `info` answers; both need only be contained."""
        said = self.link.send("info").values
        assert machine in said["machine"], f"the machine is {said['machine']}"
        assert version in said["micropython"], f"its MicroPython is {said['micropython']}"

    @keyword("The Host Refuses To Send ${name}")
    def the_host_refuses_to_send(self, name: str) -> None:
        """A command that does not exist is caught before it reaches the wire."""
        sent = self.link.counters.bytes_sent
        try:
            self.link.send(name)
        except MessageError:
            assert self.link.counters.bytes_sent == sent, "bytes went out all the same"
        else:
            raise AssertionError(f"{name} was sent")

    @keyword("The Car's Counters Are Noted")
    def the_counters_are_noted(self) -> None:
        """Later words compare with these."""
        self._counters = self._asked_counters()

    @keyword("The Car Has Executed ${count:\\d+} More Commands")
    def the_car_has_executed(self, count: int) -> None:
        """Since the counters were noted; asking for them does not count."""
        executed = self._growth("commands_executed") - 1
        assert executed == count, f"it has executed {executed}"

    @keyword("${counter} Has Grown By ${count:\\d+}")
    def a_counter_has_grown_by(self, counter: str, count: int) -> None:
        """Since the counters were noted."""
        growth = self._growth(counter)
        assert growth == count, f"{counter} has grown by {growth}"

    @keyword("${counter} Has Grown")
    def a_counter_has_grown(self, counter: str) -> None:
        """Since the counters were noted."""
        assert self._growth(counter) > 0, f"{counter} is what it was"

    @keyword("A Drive Command Of ${speed:-?\\d+} mm/s Arrives Twice")
    def a_command_arrives_twice(self, speed: int) -> None:
        """The same frame again, behind its own reply."""
        before = len(self.tap.sent)
        self.link.send("drive", {"speed": speed, "turn": 0})
        self.tap.write(self.tap.sent[before])

    @keyword("A Drive Command Of ${speed:-?\\d+} mm/s Is ${fate:lost|damaged} On The Way")
    def a_command_is_lost_or_damaged(self, speed: int, fate: str) -> None:
        """The host must notice, and get it through."""
        retries = self.link.counters.retries
        if fate == "lost":
            self.tap.lose = 1
        else:
            self.tap.damage = 1
        self.link.send("drive", {"speed": speed, "turn": 0})
        assert self.link.counters.retries > retries, "nothing was sent again"

    @keyword("${count:\\d+} Bytes Of Garbage Are On The Line")
    def garbage_is_on_the_line(self, count: int) -> None:
        """The same bytes on every run, delimiters among them."""
        self.tap.write(Random(count).randbytes(count) + b"\0")

    @keyword("The Board Restarts")
    def the_board_restarts(self) -> None:
        """Reboots over the link; afterwards the car answers, and its counters have begun anew."""
        self.link.send("reboot")
        self.link.hello(timeout_s=20)
        executed = self._asked_counters()["commands_executed"]
        assert executed == 0, f"it did not restart: it remembers {executed} commands"

    @keyword("The Board Restarts And The Host Goes On")
    def the_board_restarts_and_the_host_goes_on(self) -> None:
        """As in `The Board Restarts`, with a host that does not expect it."""
        self.link.send("reboot")

    @keyword("The Host Is Told That ${cause}")
    def the_host_is_told(self, cause: str) -> None:
        """By the next command that it tries to send."""
        told = "nothing"
        try:
            self.link.send("ping")
        except SessionLostError as lost:
            told = str(lost)
        assert cause in told, f"it was told: {told}"

    @keyword("Every Frame Was Good")
    def every_frame_was_good(self) -> None:
        """Both ends: no frame was broken, lost, or sent twice so far."""
        heard = self.link.counters
        told = self._asked_counters()
        found = (heard.frames_bad, heard.lost_frames, told["frames_bad"], told["commands_repeated"])
        assert found == (0, 0, 0, 0), f"bad, lost, bad at the car, repeated: {found}"

    def _asked_counters(self) -> dict[str, int]:
        return dict(self.link.send("counters").values)

    def _growth(self, counter: str) -> int:
        return self._asked_counters()[counter] - self._counters[counter]
