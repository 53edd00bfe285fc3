"""The loaded CLIP of this process: pictures and words to vectors, each picture once.

A worker process keeps it, so that the observer and the detector share one model and one look at each clip. It must never
keep a picture: what stays of the last clip is its vectors.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from classifiers.clip.pictures import resize
from classifiers.clip.scene.calibration import Calibration, calibration_of
from classifiers.clip.scene.choice import Choice, chosen
from safety.media import Frame, Picture, SampledClip

if TYPE_CHECKING:
    from classifiers.clip.scene.loading import Loaded

Vectors = NDArray[np.float32]
#: Pictures and texts computed at once.
BATCH, TEXTS = 16, 64
#: A picture is first made this many times as small as the model wants it, by area, which costs a tenth of Pillow's filter.
FIRST = 2


class Eyes:
    """One checkpoint. Vectors are float32 of unit length. Safe to share between threads."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self._lock = threading.Lock()
        self._texts: dict[str, Vectors] = {}
        self._last: tuple[str, Vectors] | None = None

    @cached_property
    def loaded(self) -> Loaded:
        """The model, loaded when first asked. Raises what ``loading.load`` raises."""
        from classifiers.clip.scene.loading import load

        return load(self.choice)

    @cached_property
    def calibration(self) -> Calibration:
        """What was measured for this checkpoint; empty when nothing was."""
        return calibration_of(self.choice)

    @property
    def scale(self) -> float:
        """What a cosine is multiplied with before it is a logit, as learned with the model."""
        return float(self.loaded.model.logit_scale.float().exp())

    def clip(self, clip: SampledClip) -> Vectors:
        """float32 (frames, dimensions); the vectors of the clip that was asked last are kept."""
        with self._lock:
            key = _key(clip)
            if self._last is None or self._last[0] != key:
                self._last = key, self.pictures([frame.picture for frame in clip.frames])
            return self._last[1]

    def pictures(self, pictures: Sequence[Picture]) -> Vectors:
        """float32 (n, dimensions) for pictures of any size."""
        import torch
        from PIL import Image

        found = []
        with torch.inference_mode():
            for i in range(0, len(pictures), BATCH):
                ready = [self.loaded.prepare(Image.fromarray(self._reduced(p))) for p in pictures[i : i + BATCH]]
                found.append(self._unit(self.loaded.model.encode_image(self._placed(torch.stack(ready)))))
        return np.concatenate(found) if found else np.zeros((0, self.dimensions), np.float32)

    def words(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, dimensions); what was asked before is remembered while it is little."""
        import torch

        with self._lock:
            new = sorted({t for t in texts if t not in self._texts})
            if len(self._texts) + len(new) > 4096:
                self._texts.clear()
                new = sorted(set(texts))
            with torch.inference_mode():
                for i in range(0, len(new), TEXTS):
                    some = new[i : i + TEXTS]
                    tokens = self.loaded.tokenize(some).to(self.loaded.device)
                    self._texts |= zip(some, self._unit(self.loaded.model.encode_text(tokens)), strict=True)
            return np.stack([self._texts[t] for t in texts]) if texts else np.zeros((0, self.dimensions), np.float32)

    @cached_property
    def dimensions(self) -> int:
        return int(self.words(["a"]).shape[1])

    def _reduced(self, picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        share = FIRST * self.loaded.side / min(height, width)
        if share >= 1:
            return np.ascontiguousarray(picture)
        return resize(picture, max(1, round(width * share)), max(1, round(height * share)))

    def _placed(self, batch: object) -> object:
        import torch

        assert isinstance(batch, torch.Tensor)
        kind = torch.bfloat16 if self.loaded.device == "cuda" else torch.float32
        return batch.to(device=self.loaded.device, dtype=kind)

    @staticmethod
    def _unit(features: object) -> Vectors:
        import torch

        assert isinstance(features, torch.Tensor)
        return np.asarray(torch.nn.functional.normalize(features.float(), dim=-1).cpu().numpy(), np.float32)


_EYES: dict[Choice, Eyes] = {}
_GUARD = threading.Lock()


def eyes(choice: Choice | None = None) -> Eyes:
    """The one of this process for ``choice``, or for what the settings name."""
    wanted = choice or chosen()
    with _GUARD:
        if wanted not in _EYES:
            cv2.setNumThreads(1)
            _EYES[wanted] = Eyes(wanted)
        return _EYES[wanted]


def of_shots(frames: Sequence[Frame], most: int) -> list[int]:
    """Positions of up to ``most`` frames of each shot, spread evenly, in order."""
    shots: dict[int, list[int]] = {}
    for i, frame in enumerate(frames):
        shots.setdefault(frame.shot, []).append(i)
    picked: list[int] = []
    for rows in shots.values():
        count = min(most, len(rows))
        picked += [rows[(2 * k + 1) * len(rows) // (2 * count)] for k in range(count)]
    return sorted(picked)


def _key(clip: SampledClip) -> str:
    """A name for the frames of a clip: its digest and a sample of its pixels, for parts of one clip share the digest."""
    name = hashlib.sha256(clip.digest.encode())
    for frame in clip.frames:
        name.update(f"{frame.index}/{frame.picture.shape}".encode())
        name.update(frame.picture[::8, ::8].tobytes())
    return name.hexdigest()
