"""The ``Generator`` of the world: request in, chunks of frames and sound out.

Its ``kind`` is ``algorithmicMedia``, because that is what it is: media made by an algorithm without training data (IPTC digital
source types). What the manifest of a clip says is the pipeline's decision, not the generator's: it seals for a chain whose
default is ``trainedAlgorithmicMedia`` and may state that for all generators alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import torch

from generator.protocol import CameoReference, Chunk, GenerationRequest, Stopped
from generator.world.direction import plan
from generator.world.film import Film, one_thread
from generator.world.guests import cut_out
from generator.world.scene import FACE_HEIGHT, compose
from generator.world.soundtrack import compose_sound
from safety.media import SOUND_RATE, Progress, ShouldStop

#: Frames between two questions to ``should_stop``: a third of a second of film, about as long to draw.
CHUNK_FRAMES = 6


class World:
    """Draws any prompt; a word it does not know is left out, never an error."""

    name = "world"
    version = "1"
    kind: Literal["trainedAlgorithmicMedia", "algorithmicMedia"] = "algorithmicMedia"

    def generate(
        self,
        request: GenerationRequest,
        *,
        cameos: tuple[CameoReference, ...] = (),
        parent: Path | None = None,
        should_stop: ShouldStop,
        progress: Progress,
    ) -> Iterator[Chunk]:
        """Yield the clip in chunks of up to six frames. ``parent`` is not read: a remix re-derives its scene from the request."""
        if should_stop():
            raise Stopped("told to stop before the first frame")
        progress(0.0, "setting the scene")
        frames = round(request.seconds * request.fps)
        with one_thread():
            scene = compose(request, tuple(c.name for c in cameos))
            faces = {a.cameo: a.height for a in scene.actors if a.cameo is not None}
            guests = tuple(cut_out(c, faces.get(i, FACE_HEIGHT) * request.height * 1.15) for i, c in enumerate(cameos))
            motions = tuple(plan(a, scene, request.seconds) for a in scene.actors)
            sound = compose_sound(scene, motions, round(frames * SOUND_RATE / request.fps))
            film = Film(scene, motions, guests, request.width, request.height, request.fps, request.seconds)
        for first in range(0, frames, CHUNK_FRAMES):
            if should_stop():
                raise Stopped(f"told to stop at frame {first} of {frames}")
            last = min(frames, first + CHUNK_FRAMES)
            with one_thread():
                pictures = torch.stack([film.frame(i) for i in range(first, last)]).numpy()
            heard = sound[round(first * SOUND_RATE / request.fps) : round(last * SOUND_RATE / request.fps)]
            yield Chunk(pictures, heard)
            progress(last / frames, f"frame {last} of {frames}")
