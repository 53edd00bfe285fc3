"""Train the default detector of weapons, signs of hate, fights and blood on the embedded world's own drawings, from nothing.

``python -m bench.training.world_objects [--photographs FOLDER]``: renders, trains, checks the ONNX file against the network and
writes it to ``classifiers/clip/objects/data/``, and says its digest, which belongs into ``classifiers/clip/objects/detector.py``;
then ``python -m bench.training.world_objects_scores`` fits the scores. One thread, seeded; about 17 minutes on one EPYC core
with bfloat16. See docs/cards/world-objects.md.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import hashlib
import io
import math
import time
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import torch

from bench.training.world_objects_batches import HEIGHT, ROWS, WIDTH, Batch, close_batches, whole_batches
from bench.training.world_objects_network import Network, loss
from console.bench.objects_pictures import FRAMES_A_SCENE, Labelled, pictures
from console.bench.objects_pieces import CLASSES
from console.bench.objects_sets import TRAINING_PHOTOGRAPHS, photographs
from safety.media import Picture

OUT = Path(__file__).parents[2] / "classifiers/clip/objects/data/world-objects.onnx"
SEED = 20261125
RATE, DECAY = 2e-3, 1e-3


def main() -> None:
    """Render, train, export."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pictures", type=int, default=3600, help="for the first stage")
    options.add_argument("--close", type=int, default=4200, help="pictures for the second stage")
    options.add_argument("--crops", type=int, default=900)
    options.add_argument("--steps", type=int, default=2400, help="that the first stage's learning rate is laid out for")
    options.add_argument("--stop", type=int, default=1000, help="the step after which the first stage ends")
    options.add_argument("--close-steps", type=int, default=4200)
    options.add_argument("--close-stop", type=int, default=4000, help="the step after which the second stage ends")
    options.add_argument("--last", type=int, default=2200, help="pictures for the third stage")
    options.add_argument("--last-steps", type=int, default=1600)
    options.add_argument("--start", type=Path, default=None, help="weights to go on from after the first stages")
    options.add_argument("--done", type=int, default=0, help="how many stages those weights have been through")
    options.add_argument("--photographs", type=Path, default=None, help="a folder of more photographs, none with a weapon in it")
    options.add_argument("--out", type=Path, default=OUT)
    given = options.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    started = time.process_time()
    network = Network(len(CLASSES))
    part = given.out.with_suffix(".part")
    photos = _crops(given.crops, given.photographs)
    if given.start is not None:
        network.load_state_dict(torch.load(given.start))
    data: list[Labelled] = []
    if given.done < 1:
        data = _drawn(SEED, given.pictures, FRAMES_A_SCENE, 1) + photos[: given.crops // 2]
        _train(network, islice(whole_batches(data, given.steps, SEED + 2), given.stop), given.steps, 0.1, started, part)
    if given.done < 2:
        data = _drawn(SEED + 10, given.close, 4, 8) + photos
        batches = islice(close_batches(data, given.close_steps, SEED + 11, 0.75, 0.0), given.close_stop)
        _train(network, batches, given.close_steps, 0.04, started, part)
    data = _drawn(SEED + 20, given.last, 4, 6) + _crops(2 * given.crops, given.photographs)
    _train(network, close_batches(data, given.last_steps, SEED + 21, 0.4, 0.3), given.last_steps, 0.1, started, part)
    torch.save(network.state_dict(), part)
    _export(network, given.out, data[:8])
    print(f"done after {time.process_time() - started:.0f} s of processor time", flush=True)


def _drawn(seed: int, count: int, frames: int, again: int) -> list[Labelled]:
    out = []
    for i, item in enumerate(pictures(seed, count, WIDTH, HEIGHT, frames=frames, again=again)):
        out.append(replace(item, picture=_worn(item.picture, np.random.default_rng((seed, i)))))
        if i % 500 == 0:
            print(f"drawn {i} of {count}", flush=True)
    print(f"{len(out)} pictures, {sum(len(d.things) for d in out)} things", flush=True)
    return out


def _crops(count: int, folder: Path | None) -> list[Labelled]:
    """Parts of photographs, none of which holds anything to be found."""
    photos = photographs(TRAINING_PHOTOGRAPHS)
    for path in sorted(folder.rglob("*")) if folder else ():
        if path.suffix.lower() in (".jpg", ".jpeg", ".png") and (got := cv2.imread(str(path))) is not None:
            k = min(1.0, 1400 / max(got.shape))
            photos.append(np.ascontiguousarray(cv2.resize(got, None, fx=k, fy=k, interpolation=cv2.INTER_AREA)[:, :, ::-1]))
    rng = np.random.default_rng(SEED + 1)
    out = []
    for i in range(count):
        p = photos[i % len(photos)]
        h, w = p.shape[:2]
        wide = min(w, h * 16 / 9) * float(rng.uniform(0.35, 1.0))
        x, y = int(rng.uniform(0, w - wide + 1)), int(rng.uniform(0, h - wide * 9 / 16 + 1))
        part = p[y : y + int(wide * 9 / 16), x : x + int(wide)]
        out.append(Labelled(_worn(cv2.resize(part, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), rng), ()))
    print(f"{count} crops of {len(photos)} photographs", flush=True)
    return out


def _worn(picture: Picture, rng: np.random.Generator) -> Picture:
    """As it might come out of an encoder: softened, and squeezed as JPEG."""
    if rng.random() < 0.35:
        k = float(rng.uniform(0.45, 0.9))
        small = cv2.resize(picture, None, fx=k, fy=k, interpolation=cv2.INTER_AREA)
        picture = cv2.resize(small, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.6:
        packed = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])[1]
        picture = cv2.imdecode(packed, cv2.IMREAD_COLOR)[:, :, ::-1]
    return np.ascontiguousarray(picture)


def _train(network: Network, batches: Iterable[Batch], steps: int, rise: float, started: float, part: Path) -> None:
    """AdamW with one cycle of the learning rate, rising for a share ``rise`` of ``steps``; the weights' running mean is kept.

    Every 500 steps it is also written to ``part``.
    """
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    tool = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    cycle = torch.optim.lr_scheduler.OneCycleLR(tool, RATE, total_steps=steps, pct_start=rise)
    kept = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995), use_buffers=True
    )
    shown = 0.0
    for step, (x, boxes) in enumerate(batches):
        with torch.autocast("cpu", torch.bfloat16):
            raw = network.raw(x.contiguous(memory_format=torch.channels_last))
        missed = loss(raw, boxes)
        tool.zero_grad()
        missed.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        tool.step()
        cycle.step()
        kept.update_parameters(network)
        shown = 0.98 * shown + 0.02 * float(missed) if step else float(missed)
        if step % 50 == 0:
            print(f"step {step} of {steps}, loss {shown:.3f}, {time.process_time() - started:.0f} s", flush=True)
        if step % 500 == 499:
            torch.save(kept.module.state_dict(), part)
    network.load_state_dict(kept.module.state_dict())


def _export(network: Network, out: Path, some: list[Labelled]) -> None:
    """Write the ONNX file with free sides, and hold onnxruntime's answer against the network's. Raises where they differ."""
    import onnxruntime

    network.eval().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    packed = io.BytesIO()
    torch.onnx.export(
        network, (torch.zeros(1, 3, ROWS, WIDTH),), packed, dynamo=False, opset_version=17,
        input_names=["images"], output_names=["output0"],
        dynamic_axes={"images": {0: "batch", 2: "height", 3: "width"}, "output0": {0: "batch", 2: "cells"}},
    )  # fmt: skip
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(packed.getvalue())
    session = onnxruntime.InferenceSession(packed.getvalue(), providers=["CPUExecutionProvider"])
    for rows, columns in ((ROWS, WIDTH), (320, 320), (320, 192)):
        x = torch.zeros(len(some), 3, rows, columns)
        for n, item in enumerate(some):
            part = torch.from_numpy(item.picture.copy()).permute(2, 0, 1).float() / 255
            x[n, :, : min(rows, HEIGHT), : min(columns, WIDTH)] = part[:, :rows, :columns]
        with torch.inference_mode():
            ours = network(x).numpy()
        theirs = session.run(None, {"images": x.numpy()})[0]
        worst = float(np.abs(ours - theirs).max())
        if not math.isfinite(worst) or worst > 2e-2 or np.abs(ours[:, 4:] - theirs[:, 4:]).max() > 1e-3:
            raise SystemExit(f"the exported file answers otherwise than the network, by up to {worst}")
        print(f"{rows}x{columns}: at most {worst:.2g} apart")
    print(f"{out.stat().st_size:,} bytes, sha256 {hashlib.sha256(out.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
