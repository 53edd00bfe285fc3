"""Filming a scene: the place is painted once, then every frame looks at it through the camera and draws what moves.

Tensors stay on the processor and one thread draws: the boxes are too small for a second thread to pay, and one thread gives
the same bits every time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from generator.world.backdrops.common import falling
from generator.world.canvas import Canvas, Pen
from generator.world.catalog import THINGS
from generator.world.characters import CHARACTERS
from generator.world.guests import Guest
from generator.world.guests import draw as draw_guest
from generator.world.lettering import draw_board
from generator.world.motion import Motion, State
from generator.world.pose import Look, shade_under
from generator.world.scene import Actor, Scene
from generator.world.things.weapons import hold, raised

#: The backdrop reaches this far beyond the frame on every side, scene units, for the camera to travel in.
MARGIN = 0.16
#: Strength of the paper grain and of the darker corners.
GRAIN, VIGNETTE = 0.022, 0.10


@contextmanager
def one_thread() -> Iterator[None]:
    """Draw with one thread, and give the others back."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.set_num_threads(before)


class Film:
    """Draws the frames of one scene; ``frame(i)`` may be asked in any order."""

    def __init__(
        self,
        scene: Scene,
        motions: tuple[Motion, ...],
        guests: tuple[Guest, ...],
        width: int,
        height: int,
        fps: int,
        seconds: float,
    ) -> None:
        self.scene, self.motions, self.guests = scene, motions, guests
        self.width, self.height, self.fps, self.seconds = width, height, fps, seconds
        scale = height * _closest(scene.camera)
        self.wide = Canvas.blank(
            math.ceil((scene.aspect + 2 * MARGIN) * scale), math.ceil((1 + 2 * MARGIN) * scale), scale, -MARGIN, -MARGIN
        )
        scene.backdrop.paint(self.wide, scene.mood)
        self.wide.pixels.clamp_(0, 1)
        self.paper = _paper(width, height, scene.seed)

    def frame(self, index: int) -> Tensor:
        """One frame, uint8 (height, width, 3)."""
        t = index / self.fps
        canvas = self._look(t)
        self.scene.backdrop.live(canvas, self.scene.mood, t)
        if self.scene.lettering:
            self._board(canvas)
        states = [(a, m.at(t)) for a, m in zip(self.scene.actors, self.motions, strict=True)]
        for actor, state in sorted(states, key=_depth):
            self._draw(canvas, actor, state)
        if self.scene.backdrop.outdoors and self.scene.backdrop.medium == "air":
            falling(canvas, self.scene.mood, t)
        out = canvas.pixels.mul_(self.paper).mul_(255.0).add_(0.5).clamp_(0, 255).to(torch.uint8)
        return out.permute(1, 2, 0).contiguous()

    def _look(self, t: float) -> Canvas:
        """The backdrop as the camera sees it at ``t``."""
        zoom, cx, cy = _view(self.scene, t / self.seconds)
        scale = self.height * zoom
        left, top = cx - self.scene.aspect / 2 / zoom, cy - 0.5 / zoom
        ratio = self.wide.scale / scale
        rows = _taps(self.height, (top + MARGIN) * self.wide.scale, ratio, self.wide.height)
        columns = _taps(self.width, (left + MARGIN) * self.wide.scale, ratio, self.wide.width)
        wide = self.wide.pixels
        tall = torch.lerp(wide.index_select(1, rows[0]), wide.index_select(1, rows[1]), rows[2][:, None])
        seen = torch.lerp(tall.index_select(2, columns[0]), tall.index_select(2, columns[1]), columns[2])
        return Canvas(seen, scale, left, top)

    def _board(self, canvas: Canvas) -> None:
        alone = not self.scene.actors
        aspect = self.scene.aspect
        x = aspect * (0.5 if alone else 0.29)
        width = aspect * (0.62 if alone else 0.33)
        draw_board(canvas.pen(x, self.scene.backdrop.ground - 0.06), self.scene.lettering or "", width, 0.5)

    def _draw(self, canvas: Canvas, actor: Actor, state: State) -> None:
        ground = canvas.pen(state.x, state.y + (state.lift or 0.0))
        if state.lift is not None and actor.role != "sky":
            shade_under(ground, actor.width * (0.42 if actor.cameo is None else 0.5), state.lift)
        pen = canvas.pen(state.x, state.y, actor.height, state.angle)
        if state.turn:
            pen = pen.at(0, -0.5, state.turn).at(0, 0.5)
        pen = pen.at(0, 0, 0, state.sx, state.sy)
        _act(pen, actor, state, self.guests)


def _act(pen: Pen, actor: Actor, state: State, guests: tuple[Guest, ...]) -> None:
    look = Look(actor.colour, actor.second, actor.seed)
    pose = raised(state.pose) if actor.held and actor.action != "fight" else state.pose
    if actor.cameo is not None:
        draw_guest(pen, guests[actor.cameo], look, pose)
    elif actor.kind.startswith("cast:"):
        CHARACTERS[actor.kind[5:]].draw(pen, pose)
    else:
        THINGS[actor.kind].draw(pen, look, pose)
    if actor.held:
        inner = Look(*actor.held_look, actor.seed)
        hold(pen, actor.held, actor.kind, pose, lambda spot: THINGS[actor.held].draw(spot, inner, pose))


def _depth(pair: tuple[Actor, State]) -> tuple[int, float, int]:
    """Far to near: sky, scenery, then leads by where they stand, guests and characters in front."""
    actor, _ = pair
    order = {"sky": 0, "scenery": 1, "lead": 2, "cameo": 4}[actor.role]
    return (3 if actor.kind.startswith("cast:") else order, -actor.height, actor.rank)


def _closest(camera: str) -> float:
    return {"zoom_in": 1.28, "zoom_out": 1.28, "drift": 1.06}.get(camera, 1.0)


def _view(scene: Scene, share: float) -> tuple[float, float, float]:
    """Zoom and centre at a share of the clip, eased at both ends."""
    s = share * share * (3 - 2 * share)
    x, y = scene.aspect / 2, 0.5
    if scene.camera == "zoom_in":
        return 1 + 0.28 * s, x, y + 0.06 * s
    if scene.camera == "zoom_out":
        return 1.28 - 0.28 * s, x, y + 0.06 * (1 - s)
    if scene.camera in ("pan_right", "pan_left"):
        way = 1 if scene.camera == "pan_right" else -1
        return 1.0, x + way * (2 * s - 1) * (MARGIN - 0.02), y
    if scene.camera == "drift":
        return 1 + 0.05 * s, x, y + 0.01 * s
    return 1.0, x, y


def _taps(count: int, start: float, step: float, limit: int) -> tuple[Tensor, Tensor, Tensor]:
    """For each output line: the two source lines and how far it lies between them."""
    at = (start + (torch.arange(count, dtype=torch.float64) + 0.5) * step - 0.5).clamp(0, limit - 1)
    low = at.floor().long()
    return low, (low + 1).clamp(max=limit - 1), (at - low).float()


def _paper(width: int, height: int, seed: int) -> Tensor:
    """Paper grain and a soft vignette to multiply every frame with, (height, width)."""
    source = torch.Generator().manual_seed(seed)
    fine = torch.rand(1, 1, height, width, generator=source) - 0.5
    fine = torch.nn.functional.avg_pool2d(torch.nn.functional.pad(fine, (1, 1, 1, 1), mode="replicate"), 3, 1) * 2.2
    y, x = torch.linspace(-1, 1, height)[:, None], torch.linspace(-1, 1, width)[None, :]
    corner = ((x * x + y * y) / 2) ** 2
    return 1 + GRAIN * 2 * fine[0, 0] - VIGNETTE * corner
