"""What places share: time of day and weather as colour, skies, hills, clouds, and many small things at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from generator.world.canvas import Canvas, Paint, flat
from generator.world.colours import Colour, light, mix, rgb
from generator.world.pose import Look, Pose
from generator.world.shapes import circle
from generator.world.things import nature

Time = Literal["day", "sunset", "night"]
Weather = Literal["clear", "rain", "snow"]

_SKIES: dict[str, tuple[str, ...]] = {
    "day": ("#5FB4E5", "#9AD4F0", "#D6EEF4", "#FDF2D9"),
    "sunset": ("#4B3F86", "#B0568F", "#F2836B", "#FFC773"),
    "night": ("#0E1738", "#1B2C5C", "#32497F", "#5A6FA0"),
    "rain": ("#6E869B", "#8FA5B5", "#B3C3CC", "#CBD5D8"),
    "snow": ("#8CB0CF", "#B0CADF", "#D3E2EE", "#F2F4F3"),
}


@dataclass(frozen=True)
class Mood:
    """When it is and what the weather does; ``seed`` varies the place, ``aspect`` is width over height."""

    time: Time = "day"
    weather: Weather = "clear"
    seed: int = 0
    aspect: float = 16 / 9

    def tone(self, c: Colour, snowy: float = 0.0) -> Colour:
        """``c`` as it looks at this hour; ``snowy`` is how much of it snow covers."""
        if self.weather == "snow" and snowy:
            c = mix(c, rgb("#F3F7FB"), snowy)
        if self.time == "night":
            return mix((c[0] * 0.42, c[1] * 0.5, c[2] * 0.66), rgb("#16224A"), 0.28)
        if self.time == "sunset":
            return mix((c[0] * 0.98, c[1] * 0.8, c[2] * 0.78), rgb("#F0855F"), 0.16)
        if self.weather == "rain":
            return mix((c[0] * 0.82, c[1] * 0.86, c[2] * 0.9), rgb("#8A9BA8"), 0.2)
        return c

    def rng(self, salt: int) -> np.random.Generator:
        return np.random.default_rng((self.seed, salt))


@dataclass(frozen=True)
class Backdrop:
    """``paint`` fills a canvas once, ``live`` adds what moves at ``t`` seconds, ``ground`` is where feet stand (scene units)."""

    name: str
    paint: Callable[[Canvas, Mood], None]
    live: Callable[[Canvas, Mood, float], None]
    ground: float
    beds: tuple[str, ...]
    medium: Literal["air", "water", "space"] = "air"
    outdoors: bool = True


def sky(canvas: Canvas, mood: Mood, horizon: float = 0.62) -> None:
    """A graded sky down to ``horizon`` with sun or moon and stars."""
    key = mood.weather if mood.weather != "clear" and mood.time == "day" else mood.time
    gradient(canvas, [rgb(c) for c in _SKIES[key]], 0.0, horizon)
    pen = canvas.pen()
    spot = 0.2 + 0.6 * (mood.seed % 97) / 97
    x = mood.aspect * (spot if abs(spot - 0.5) > 0.14 else spot + 0.2)
    if mood.time == "night":
        stars(canvas, mood, 170, horizon)
        pen.fill(circle(x, 0.17, 0.3), flat(rgb("#AFC3F0")), alpha=0.22, soft=0.3)
        pen.fill(circle(x, 0.17, 0.062), Paint(rgb("#F6EFD2"), lift=0.05, edge=0.12, rim=0.02))
        for dx, dy, r in ((-0.02, -0.01, 0.013), (0.022, 0.018, 0.01), (0.008, -0.028, 0.007)):
            pen.fill(circle(x + dx, 0.17 + dy, r), flat(rgb("#DDD3AE")), alpha=0.7)
    elif mood.weather == "clear":
        low = mood.time == "sunset"
        y = horizon - 0.14 if low else 0.16
        tint = rgb("#FFE3A1") if low else rgb("#FFF6D2")
        pen.fill(circle(x, y, 0.42 if low else 0.3), flat(tint), alpha=0.5, soft=0.42)
        pen.fill(circle(x, y, 0.1 if low else 0.065), Paint(light(tint, 0.3), lift=0.06, edge=0.06), soft=0.012)


def gradient(canvas: Canvas, stops: Sequence[Colour], top: float, bottom: float) -> None:
    """Fill with colours evenly spread from ``top`` to ``bottom``, constant beyond."""
    _, y = canvas.grid()
    place = ((y - top) / (bottom - top)).clamp(0, 1) * (len(stops) - 1)
    table = torch.tensor([*stops, stops[-1]])
    low = place.floor().long().clamp(max=len(stops) - 1)[:, 0]
    part = (place[:, 0] - low)[:, None]
    part = part * part * (3 - 2 * part) * 0.35 + part * 0.65
    rows = table[low] * (1 - part) + table[low + 1] * part
    canvas.pixels.copy_(rows.T[:, :, None].expand_as(canvas.pixels))


def stars(canvas: Canvas, mood: Mood, count: int, below: float) -> None:
    rng = mood.rng(11)
    for size, share in ((0.0011, 0.7), (0.0019, 0.24), (0.0032, 0.06)):
        n = int(count * share)
        xs = rng.uniform(canvas.left, canvas.right, n)
        ys = canvas.top + (below - canvas.top) * rng.uniform(0, 1, n) ** 1.3
        dots(canvas, xs, ys, np.full(n, size), rng.uniform(0.35, 1.0, n), rgb("#FFF8E4"))


def hills(seed: int, base: float, amp: float, wave: float, sharp: bool = False) -> Callable[[Tensor], Tensor]:
    """A skyline ``y = f(x)`` around ``base``: soft hills, or ``sharp`` peaks."""
    rng = np.random.default_rng((seed, round(base * 1000)))
    parts = [(wave * f * rng.uniform(0.85, 1.15), rng.uniform(0, math.tau), amp / f**1.15) for f in (1.0, 2.3, 4.9, 9.7)]

    def height(x: Tensor) -> Tensor:
        y = torch.full_like(x, base)
        for w, phase, a in parts:
            s = torch.sin(x * w + phase)
            y = y - (a * (1 - 2 * torch.asin(s.clamp(-1, 1)).abs() / (math.pi / 2)) if sharp else a * s)
        return y

    return height


def land(
    canvas: Canvas, height: Callable[[Tensor], Tensor], top: Colour, bottom: Colour, depth: float, blur: float = 0.0
) -> None:
    """Fill below the curve, from colour ``top`` at the edge to ``bottom`` ``depth`` further down."""
    x, y = canvas.grid()
    below = y - height(x)
    cover = (0.5 + below * (1 / blur if blur else canvas.scale)).clamp_(0, 1)
    t = (below / depth).clamp_(0, 1)
    a, b = torch.tensor(top)[:, None, None], torch.tensor(bottom)[:, None, None]
    canvas.pixels.lerp_(a + (b - a) * t, cover)


def mottle(canvas: Canvas, seed: int, amount: float, cell: float = 0.03, above: float = -1e9) -> None:
    """Uneven light: smooth noise with cells ``cell`` wide, below the line ``above``; what keeps large areas from being flat."""
    source = torch.Generator().manual_seed(seed)
    rows, columns = (max(2, round(n / canvas.scale / cell)) for n in (canvas.height, canvas.width))
    total = torch.zeros(canvas.height, canvas.width)
    for k in (1, 2, 4):
        coarse = torch.rand(1, 1, rows * k + 1, columns * k + 1, generator=source) - 0.5
        total += torch.nn.functional.interpolate(coarse, total.shape, mode="bicubic", align_corners=True)[0, 0] / k
    _, y = canvas.grid()
    canvas.pixels.mul_(1 + amount * total * ((y - above) * 12).clamp(0, 1))


def dots(
    canvas: Canvas,
    xs: np.ndarray[tuple[int], np.dtype[np.float64]],
    ys: np.ndarray[tuple[int], np.dtype[np.float64]],
    radius: np.ndarray[tuple[int], np.dtype[np.float64]],
    alpha: np.ndarray[tuple[int], np.dtype[np.float64]],
    colour: Colour,
    stretch: tuple[float, float] = (0.0, 0.0),
) -> None:
    """Many soft dots, or streaks from each point along ``stretch``, in one go (scene units)."""
    s = canvas.scale
    px, py = torch.tensor((xs - canvas.left) * s).float(), torch.tensor((ys - canvas.top) * s).float()
    r, a = torch.tensor(radius * s).float().clamp(min=0.35), torch.tensor(alpha).float()
    vx, vy = stretch[0] * s, stretch[1] * s
    reach = float(r.max()) + 1.5
    w, h = math.ceil(2 * reach + abs(vx)) + 1, math.ceil(2 * reach + abs(vy)) + 1
    x0 = (px + min(0.0, vx) - reach).floor()
    y0 = (py + min(0.0, vy) - reach).floor()
    gx = x0[:, None, None] + torch.arange(w)[None, None, :]
    gy = y0[:, None, None] + torch.arange(h)[None, :, None]
    dx, dy = gx + 0.5 - px[:, None, None], gy + 0.5 - py[:, None, None]
    if vx or vy:
        t = ((dx * vx + dy * vy) / (vx * vx + vy * vy)).clamp(0, 1)
        dx, dy = dx - t * vx, dy - t * vy
    cover = (r[:, None, None] + 0.6 - torch.hypot(dx, dy)).clamp(0, 1.2) / 1.2 * a[:, None, None]
    inside = (gx >= 0) & (gx < canvas.width) & (gy >= 0) & (gy < canvas.height)
    index = (gy.clamp(0, canvas.height - 1) * canvas.width + gx.clamp(0, canvas.width - 1)).long()
    mask = torch.zeros(canvas.height * canvas.width)
    mask.scatter_reduce_(0, index.flatten(), (cover * inside).flatten(), "amax")
    canvas.wash(colour, mask.view(canvas.height, canvas.width))


def clouds(canvas: Canvas, mood: Mood, t: float, count: int = 4, low: float = 0.34) -> None:
    """Clouds that drift slowly to the right and come back on the left."""
    rng = mood.rng(5)
    span = mood.aspect + 1.2
    tint = {"day": rgb("#FFFFFF"), "sunset": rgb("#FFC7A8"), "night": rgb("#3B4D80")}[mood.time]
    if mood.weather != "clear" and mood.time == "day":
        tint = rgb("#DDE3E8")
    for i in range(count):
        x = (span * (i + rng.uniform(0.1, 0.8)) / count + t * rng.uniform(0.008, 0.02)) % span - 0.6
        y, size = rng.uniform(0.08, low), rng.uniform(0.1, 0.19)
        pen = canvas.pen(x, y, size)
        nature.cloud(pen.faded(0.9 if mood.time != "night" else 0.6), Look(tint, tint, i), Pose(t=t))


def falling(canvas: Canvas, mood: Mood, t: float) -> None:
    """Rain or snow in front of everything."""
    if mood.weather == "clear":
        return
    rng = mood.rng(7)
    n = 150 if mood.weather == "rain" else 130
    x0, y0, pace = rng.uniform(0, 1, n), rng.uniform(0, 1, n), rng.uniform(0.7, 1.3, n)
    width, height = mood.aspect + 0.3, 1.2
    if mood.weather == "rain":
        ys = (y0 + t * 1.5 * pace) % 1 * height - 0.15
        xs = (x0 - t * 0.18 * pace) % 1 * width - 0.15
        dots(canvas, xs, ys, np.full(n, 0.0011), rng.uniform(0.25, 0.6, n), rgb("#EAF3FA"), (-0.008, 0.05))
    else:
        ys = (y0 + t * 0.13 * pace) % 1 * height - 0.1
        xs = (x0 + 0.02 * np.sin(t * 1.3 * pace + x0 * 40)) % 1 * width - 0.1
        dots(canvas, xs, ys, rng.uniform(0.0022, 0.0075, n), rng.uniform(0.65, 0.98, n), rgb("#FFFFFF"))
