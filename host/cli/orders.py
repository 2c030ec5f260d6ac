"""Orders: commands to the car as people type them, `drive 300 -20` or `drive --turn -20`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from host.cli.errors import UserError
from protocol.command import Argument, Command
from protocol.messages import COMMANDS, MessageError, build_command
from protocol.parameters import PARAMETERS

TYPED = {command.name: command for command in COMMANDS if command.typed}
"""The commands that a person may type, by name."""


@dataclass(frozen=True)
class Order:
    """A command with a value for each of its arguments, all of them allowed."""

    command: Command
    values: dict[str, int]

    @property
    def spoken_values(self) -> dict[str, int | str]:
        """The values, with names instead of numbers where an argument has names."""
        by_name = {argument.name: argument for argument in self.command.arguments}
        return {
            name: by_name[name].choices[value] if by_name[name].choices else value
            for name, value in self.values.items()
        }


def known_commands() -> str:
    """Every command with its arguments and what it does, a line each."""
    usages = [(_usage(command), command.help) for command in TYPED.values()]
    width = max(len(usage) for usage, _ in usages)
    return "\n".join(f"{usage:<{width}}  {text}" for usage, text in usages)


def known_parameters() -> str:
    """Every parameter with its range and what it does, a line each."""
    ranges = [f"{p.low} to {p.high} {p.unit}" for p in PARAMETERS]
    wide, wider = max(len(p.name) for p in PARAMETERS), max(map(len, ranges))
    rows = zip(PARAMETERS, ranges, strict=True)
    return "\n".join(f"{p.name:<{wide}}  {span:<{wider}}  {p.help}" for p, span in rows)


def _usage(command: Command) -> str:
    words = [f"[{a.name}]" if a.default is not None else a.name for a in command.arguments]
    return " ".join([command.name, *(word.upper() for word in words)])


def parse_order(words: Sequence[str]) -> Order:
    """The order in the words of a line. Raises UserError, which says what is allowed."""
    name, *rest = words
    command = TYPED.get(name)
    if command is None:
        raise UserError(f"no command {name!r}; the car knows {', '.join(TYPED)}")
    typed = _typed(command, rest)
    values = {a.name: _number(command, a, typed[a.name]) for a in command.arguments if a.name in typed}
    try:
        build_command(name, values)
    except MessageError as error:
        raise UserError(str(error)) from None
    _check_parameter(name, values)
    defaults = {a.name: a.default for a in command.arguments if a.default is not None}
    return Order(command, {**defaults, **values})


def _typed(command: Command, words: Sequence[str]) -> dict[str, str]:
    """Each argument's text by its name: `--name VALUE` and `--name=VALUE` first, the others in order."""
    names = [argument.name for argument in command.arguments]
    typed: dict[str, str] = {}
    in_order: list[str] = []
    left = iter(words)
    for word in left:
        if not word.startswith("--"):
            in_order.append(word)
            continue
        name, equals, text = word[2:].partition("=")
        if name not in names or name in typed:
            problem = "is given twice" if name in names else f"is not known; {_takes(command)}"
            raise UserError(f"{command.name}: --{name} {problem}")
        value = text if equals else next(left, None)
        if value is None:
            raise UserError(f"{command.name}: --{name} needs a value")
        typed[name] = value
    free = [name for name in names if name not in typed]
    if len(in_order) > len(free):
        raise UserError(f"{command.name}: {in_order[len(free)]!r} is one too many; {_takes(command)}")
    return typed | dict(zip(free, in_order, strict=False))


def _takes(command: Command) -> str:
    names = [f"--{argument.name}" for argument in command.arguments]
    return f"it takes {' '.join(names) or 'no arguments'}"


def _number(command: Command, argument: Argument, text: str) -> int:
    if text in argument.choices:
        return argument.choices.index(text)
    try:
        return int(text)
    except ValueError:
        wanted = f"one of {', '.join(argument.choices)}" if argument.choices else "a whole number"
        raise UserError(f"{command.name}: {argument.name} is {text!r}, not {wanted}") from None


def _check_parameter(name: str, values: dict[str, int]) -> None:
    """`set` has a range of its own for each parameter."""
    if name != "set":
        return
    parameter = PARAMETERS[values["parameter"]]
    if not parameter.low <= values["value"] <= parameter.high:
        raise UserError(
            f"set: {parameter.name} is {values['value']}; "
            f"{parameter.low} to {parameter.high} {parameter.unit} is allowed"
        )
