"""Options of the verbs that have a world, and what their texts stand for."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from host.cli.errors import UserError
from host.cli.extras import require_extra

if TYPE_CHECKING:
    from host.world import Fault, Map, Route
    from host.world.world import World

SeedOption = Annotated[int, typer.Option(min=0, help="Behind all that is random in the world.")]
FaultOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fault", metavar="KIND@S",
        help="Something breaks, as encoder_left@3.5 (seconds). KIND is encoder_left, encoder_right, "
        "ranger_front, ranger_left, ranger_right, ranger_silent, battery_flat, motor_left, "
        "motor_right or imu.",
    ),
]


def require_world(what: str) -> None:
    """End with a line saying what to install, unless the world's libraries are there."""
    require_extra("world", ("pymunk", "matplotlib"), what)


def map_of(path: Path) -> Map:
    """The map in a file."""
    from host.world import MapError, load_map

    try:
        return load_map(path)
    except MapError as error:
        raise UserError(str(error)) from None


def route_of(path: Path | None) -> Route | None:
    """The route in a file, if one was named."""
    from host.world import RouteError, load_route

    try:
        return load_route(path) if path else None
    except RouteError as error:
        raise UserError(str(error)) from None


def faults_of(texts: list[str] | None) -> list[Fault]:
    """What is to break."""
    from host.world import Fault, FaultError

    try:
        return [Fault.parse(text) for text in texts or []]
    except FaultError as error:
        raise UserError(str(error)) from None


def picture_path(path: Path) -> Path:
    """Where a picture can go: found out before anything is run for it. Makes its folder."""
    if path.is_dir():
        raise UserError(f"{path}: is a folder; name a file for the picture")
    if path.suffix.lower() != ".png":
        raise UserError(f"{path}: the picture is a PNG; let the name end in .png")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise UserError(f"{path}: no picture can be there ({error.strerror}); name another file") from None
    return path


def draw(world: World, path: Path, caption: str, route: Route | None = None) -> None:
    """The track over the map as PNG."""
    from host.world.picture import save_picture

    try:
        save_picture(world, path, caption, route)
    except OSError as error:
        raise UserError(
            f"{path}: the picture cannot be written ({error.strerror}); name another file"
        ) from None
