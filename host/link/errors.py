"""What can go wrong on the link. Every message names the next action."""

from __future__ import annotations

from protocol.messages import Reply, Status


class LinkError(Exception):
    """The port cannot be opened, is gone, or the board on it does not answer."""


class ContractMismatchError(LinkError):
    """The board speaks another contract, or another version of the protocol."""


class NoReplyError(LinkError):
    """Commands went unanswered for as long as a link waits. The board may have executed them all the same."""


class SessionLostError(LinkError):
    """The board restarted, or took up with another host. What was under way may or may not have been done."""


class NotPairedError(LinkError):
    """The board takes only signed commands, and this user has no key for it."""


_REASONS = {
    Status.UNKNOWN_COMMAND: "it does not know this command; flash the firmware of this version",
    Status.BAD_ARGUMENTS: "its arguments have another layout there; flash the firmware of this version",
    Status.OUT_OF_RANGE: "a value is outside what the board allows; see `host send --help`",
    Status.BAD_BODY: "it could not read the message; flash the firmware of this version",
    Status.HALTED: "an emergency stop holds; end it with `host send resume`",
    Status.PAIRED: (
        "it has a key already; take it off at the board's console first: "
        "`from patrol import pairing; pairing.unpair()`"
    ),
    Status.NO_FILE: "there is no such file or folder; `host files` lists what is there",
    Status.FORBIDDEN: "the link does not touch that name; give one without .. that is none of the car's own",
    Status.STORAGE: (
        "its file system did not do it (full, no memory, or a folder with files in it); see `host files`"
    ),
    Status.BAD_CONTENT: "what arrived is not what was sent; try again",
    Status.NO_PILOT: "this board has no encoders, or no memory for the control; it takes `drive` only",
    Status.FAULTY: "a fault holds it; `host send status` names it, `host send clear` forgets it",
    Status.OUT_OF_STEP: "no transfer is at that place; begin it again",
}


_VERBS = {"from": "put", "block": "put", "keep": "put", "file": "get", "read": "get", "folder": "files"}
"""The verbs that parts of a transfer belong to: what people have typed."""


class CommandRefusedError(LinkError):
    """The board answered a command with a status other than OK; `reply` is its answer.

    `by_recording`: no board is there, but a recording that is played.
    """

    def __init__(self, reply: Reply, *, by_recording: bool = False) -> None:
        verb = _VERBS.get(reply.command, reply.command)
        who, why = "the board", _REASONS[reply.status]
        if by_recording and reply.status is Status.UNKNOWN_COMMAND:
            who, why = "the recording", "it is played back and does nothing new; name a car's port"
        super().__init__(f"{who} refused {verb}: {why}")
        self.reply = reply
