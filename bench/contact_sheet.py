"""A picture of many prompts at once, to look at: ``python bench/contact_sheet.py OUT.png [PROMPT ...]``.

Each row is a prompt with frames from its beginning, middle and end. ``--times`` prints how long each clip took to draw.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from generator.protocol import GenerationRequest
from generator.registry import get
from generator.world.lettering import FONT

PROMPTS = (
    "A red ball bounces on a beach at sunset",
    "Un gros ballon bleu rebondit dans la cuisine",
    "A round blue robot with one big orange eye and a striped scarf walks through a forest",
    "Trois oiseaux jaunes volent au-dessus des montagnes",
    "A purple owl with teal glasses dances on stage",
    "A rocket launches into space",
    "An orange fish and two blue fish swim under the sea",
    "A red car drives down a city street at night, the camera pans right",
    "A small green boat sails on a lake at sunrise",
    "Un chat noir et un chien blanc dansent dans un champ, il neige",
    'A sign saying "HELLO WORLD" next to a house, zoom in',
    "Sir Crumpetine and Mimsy wave in the kitchen",
    "Grumbold Fenn walks through a forest at night",
    "Nimbelle jumps in the rain in the city",
    "Kaztor sings in the desert at night",
    "Tavi Starsocks drifts in space",
    "A girl flies a kite on a hill",
    "three butterflies over flowers in a garden",
    "A green dinosaur runs past a castle",
    "Quantum flux of forgotten meanings",
)


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("out", type=Path)
    args.add_argument("prompts", nargs="*", default=list(PROMPTS))
    args.add_argument("--size", default="640x360")
    args.add_argument("--seconds", type=float, default=3.0)
    args.add_argument("--columns", type=int, default=2)
    args.add_argument("--cell", type=int, default=300)
    given = args.parse_args()
    width, height = (int(v) for v in given.size.split("x"))
    font = ImageFont.truetype(str(FONT), 13)
    cells = []
    for prompt in given.prompts:
        start = time.perf_counter()
        shots = shoot(prompt, width, height, given.seconds)
        print(f"{time.perf_counter() - start:6.2f} s  {prompt}")
        tall = round(given.cell * height / width)
        cell = Image.new("RGB", (given.cell * 3, tall + 20), "white")
        for i, shot in enumerate(shots):
            cell.paste(Image.fromarray(shot).resize((given.cell, tall), Image.Resampling.LANCZOS), (i * given.cell, 20))
        ImageDraw.Draw(cell).text((4, 3), prompt, fill="black", font=font)
        cells.append(cell)
    rows = -(-len(cells) // given.columns)
    sheet = Image.new("RGB", (cells[0].width * given.columns + 8 * (given.columns - 1), cells[0].height * rows), "white")
    for i, cell in enumerate(cells):
        sheet.paste(cell, ((i % given.columns) * (cell.width + 8), i // given.columns * cell.height))
    sheet.save(given.out)


def shoot(prompt: str, width: int, height: int, seconds: float) -> list[np.ndarray]:
    """Three frames of the clip: near the beginning, the middle and the end."""
    request = GenerationRequest(prompt=prompt, width=width, height=height, seconds=seconds, fps=12)
    chunks = get().generate(request, should_stop=lambda: False, progress=lambda share, words: None)
    frames = np.concatenate([c.frames for c in chunks])
    return [frames[round((len(frames) - 1) * share)] for share in (0.08, 0.5, 0.92)]


if __name__ == "__main__":
    main()
