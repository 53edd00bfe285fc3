"""The reliability curves as a picture, written by hand so that it needs no library and the same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence

from classifiers.prompt.bench.reliability import OVERALL, Curve

NAME = "prompt-reliability.svg"
SIDE, LEFT, TOP = 420, 56, 24
#: Ten hues and black for all labels together; told apart by the legend's order as well.
COLOURS = ("#111", "#c22", "#27c", "#e80", "#292", "#929", "#088", "#b58", "#660", "#46e", "#a40")


def svg(curves: Sequence[Curve]) -> str:
    """Mean score across, observed share upwards; the dotted diagonal is a score that says exactly how often it is right."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + SIDE + 190} {TOP + SIDE + 56}" '
        'font-family="sans-serif" font-size="12">',
        "<title>Reliability of the prompt gate's scores</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>',
        f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="#999" stroke-dasharray="3 4"/>',
        f'<text x="{LEFT + SIDE / 2}" y="{TOP + SIDE + 42}" text-anchor="middle">mean score in the bin</text>',
        f'<text transform="translate(16 {TOP + SIDE / 2}) rotate(-90)" text-anchor="middle">observed share unsafe</text>',
    ]
    for tick in (0.0, 0.2, 0.5, 0.8, 1.0):
        parts.append(f'<text x="{_x(tick)}" y="{TOP + SIDE + 18}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{LEFT - 8}" y="{_y(tick) + 4}" text-anchor="end">{tick:g}</text>')
    for i, c in enumerate(curves):
        colour, width = COLOURS[i % len(COLOURS)], 3 if c.label == OVERALL else 1.2
        places = [(_x(b.mean), _y(b.observed)) for b in c.bins]
        line = " ".join(f"{x},{y}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="{width}"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="{width + 1}" fill="{colour}"/>' for x, y in places]
        at = TOP + 12 + 20 * i
        parts.append(f'<path d="M{LEFT + SIDE + 14} {at}h22" stroke="{colour}" stroke-width="{width}"/>')
        parts.append(f'<text x="{LEFT + SIDE + 42}" y="{at + 4}">{c.label} ({c.number:,})</text>')
    return "\n".join([*parts, "</svg>", ""])


def _x(value: float) -> float:
    return round(LEFT + SIDE * value, 1)


def _y(value: float) -> float:
    return round(TOP + SIDE * (1 - value), 1)
