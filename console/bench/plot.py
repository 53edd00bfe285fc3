"""Figures with a goal as bars, written by hand so that it needs no library and the same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from classifiers.prompt.bench.figures import Figure

ROW, LEFT, WIDE, RIGHT, TOP = 22, 430, 360, 90, 44
MET, MISSED = "#2a7d4f", "#b3412e"


def bars(figures: Sequence[Figure]) -> str:
    """One bar a figure from 0 to 100 %, a line where its goal is, green where it is met."""
    height = TOP + ROW * len(figures) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDE + RIGHT} {height}" font-family="sans-serif" '
        'font-size="12">',
        "<title>The clip gate's figures and their goals</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="13">share in percent; the line is the goal</text>',
    ]
    for number, f in enumerate(figures):
        y = TOP + ROW * number
        value, goal = f.value or 0.0, f.goal.value if f.goal else 0.0
        colour = MISSED if f.missed else MET
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(f"{f.name}, {f.on}"[:70])}</text>',
            f'<rect x="{LEFT}" y="{y + 3}" width="{max(1.0, WIDE * value / 100):.1f}" height="14" fill="{colour}"/>',
            f'<path d="M{LEFT + WIDE * goal / 100:.1f} {y}v20" stroke="#111" stroke-width="1.5"/>',
            f'<text x="{LEFT + WIDE + 8}" y="{y + 14}">{value:.1f} ({f.number:,})</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
