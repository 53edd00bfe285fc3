"""Trains the small CLIP of the embedded world: ``python -m bench.training.world_clip``.

From nothing but the world's own frames and captions about them, with open_clip's model, tokenizer and loss. One thread, one
seed: on the same processor and the same torch the weights come out bit for bit; on others they differ in the last digits and
so, after some hundred steps, in all of them. A run that was broken goes on from its last state in the cache.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bench.training import world_pieces
from bench.training.world_frames import FAMILY, training_set
from bench.training.world_scenes import Facts, caption
from safety.weights import sha256_of

OUT = Path(__file__).parents[2] / "classifiers" / "clip" / "scene" / "data" / "world-clip"
CACHE = Path("/tmp/clearance-world-clip")
SEED, FAMILIES, BATCH = 7, 480, 128
#: Steps of the first round and of the second, in which every other batch stands in two places alone: after the first the places
#: were read and the things were not.
FIRST, SECOND = 650, 450
PICTURE, CONTEXT, DIMENSIONS = 64, 28, 128
#: Peak of the learning rate in each round, steps it climbs there, and steps the cosine it falls by would take to reach nought.
RATES, WARMUPS, FALLS, DECAY = (1.5e-3, 1.2e-3), (80, 30), (800, SECOND), 0.05
#: Share of the captions that name everything.
WHOLE = 0.5
SAVE_EVERY = 50


def config(vocabulary: int) -> dict[str, Any]:
    """What open_clip builds the model and the picture's way into it from (its ``open_clip_config.json``)."""
    return {
        "model_cfg": {
            "embed_dim": DIMENSIONS,
            "vision_cfg": {"image_size": PICTURE, "layers": [1, 1, 1, 1], "width": 20, "head_width": 32, "patch_size": None},
            "text_cfg": {
                "context_length": CONTEXT, "vocab_size": vocabulary, "width": 96, "heads": 4, "layers": 2,
                "tokenizer_kwargs": {"bpe_path": "merges.txt.gz"},
            },
        },
        "preprocess_cfg": {
            "size": PICTURE, "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "interpolation": "bilinear",
            "resize_mode": "squash",
        },
    }  # fmt: skip


def captions_of(facts: list[Facts], rng: np.random.Generator) -> list[str]:
    """One caption each, English or French."""
    return [caption(f, "en" if rng.random() < 0.5 else "fr", rng, bool(rng.random() < WHOLE)) for f in facts]


def chosen(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Half a batch of whole families, one moment of each scene, and half from anywhere."""
    families = rng.choice(count // FAMILY, BATCH // 2 // (FAMILY // 2) + BATCH // 2, replace=False)
    near = families[: BATCH // 2 // (FAMILY // 2)]
    moments = np.arange(0, FAMILY, 2)
    rows = [f * FAMILY + moments + rng.integers(0, 2, FAMILY // 2) for f in near]
    far = families[len(near) :] * FAMILY + rng.integers(0, FAMILY, BATCH // 2)
    return np.concatenate([*rows, far])


def alike(places: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.int64]:
    """A batch from two places, one moment of each scene, so that what stands there has to tell the pictures apart."""
    rows = []
    for place in rng.choice(np.unique(places), 2, replace=False):
        scenes = np.flatnonzero(places[::2] == place)
        rows.append(rng.choice(scenes, BATCH // 2, replace=False) * 2 + rng.integers(0, 2, BATCH // 2))
    return np.concatenate(rows)


def rate_at(step: int) -> float:
    """The learning rate of a step, counted through both rounds."""
    second = int(step >= FIRST)
    at = step - FIRST * second
    peak, warmup, fall = RATES[second], WARMUPS[second], FALLS[second]
    return float(peak * min(1.0, (at + 1) / warmup) * 0.5 * (1 + np.cos(np.pi * max(0, at - warmup) / (fall - warmup))))


def shown(pictures: NDArray[np.uint8], rng: np.random.Generator) -> torch.Tensor:
    """float32 (n, 3, PICTURE, PICTURE), normalised: cut a little, mirrored, lighter or darker, blurred or grainy now and then."""
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    full = x.shape[-1]
    side = int(rng.integers(round(full * 0.8), full + 1))
    top, left = rng.integers(0, full - side + 1, 2)
    x = torch.nn.functional.interpolate(
        x[:, :, top : top + side, left : left + side], (PICTURE, PICTURE), mode="bilinear", antialias=True
    )
    if rng.random() < 0.25:
        x = torch.nn.functional.avg_pool2d(torch.nn.functional.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    mirrored = torch.from_numpy(rng.random(len(x)) < 0.5)
    x = torch.where(mirrored[:, None, None, None], x.flip(-1), x)
    x = x * torch.from_numpy(rng.uniform(0.88, 1.12, (len(x), 1, 1, 1)).astype(np.float32))
    if rng.random() < 0.4:
        x = x + torch.from_numpy(rng.normal(0, 0.02, x.shape).astype(np.float32))
    return ((x.clamp(0, 1) - 0.5) / 0.25).contiguous(memory_format=torch.channels_last)


def train(cache: Path, out: Path, steps: int, families: int) -> None:
    """Draw, learn, write the weights. Progress goes to the terminal with processor seconds spent."""
    import open_clip
    from safetensors.torch import save_file

    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    out.mkdir(parents=True, exist_ok=True)
    pictures, facts = training_set(cache, families, _say)
    rng = np.random.default_rng((SEED, 0))
    vocabulary = world_pieces.write(out / "merges.txt.gz", [c for _ in range(6) for c in captions_of(facts, rng)])
    (out / "open_clip_config.json").write_text(json.dumps(config(vocabulary), indent=1) + "\n", "utf-8")
    model, _, _ = open_clip.create_model_and_transforms(f"local-dir:{out}", load_weights=False)
    model.visual.to(memory_format=torch.channels_last)
    tokenizer = open_clip.get_tokenizer(f"local-dir:{out}", bpe_path=str(out / "merges.txt.gz"))
    _learn(model, tokenizer, pictures, facts, steps, cache / "state.pt")
    half = {k: (v.half() if v.is_floating_point() else v).contiguous().clone() for k, v in model.state_dict().items()}
    save_file(half, out / "open_clip_model.safetensors")
    (out / "sha256.txt").write_text(sha256_of(out / "open_clip_model.safetensors") + "\n", "ascii")


def _learn(model: Any, tokenizer: Any, pictures: NDArray[np.uint8], facts: list[Facts], steps: int, state: Path) -> None:
    """All steps from where ``state`` stopped; each step's chance depends on its number alone, so resuming changes nothing."""
    optimiser = _optimiser(model)
    first = 0
    if state.is_file():
        kept = torch.load(state, weights_only=True)
        model.load_state_dict(kept["model"])
        optimiser.load_state_dict(kept["optimiser"])
        first = int(kept["step"])
    places = np.array([f.place for f in facts])
    model.train()
    mean = 0.0
    for step in range(first, steps):
        rng = np.random.default_rng((SEED, 1, step))
        rate = max(rate_at(step), 1e-6)
        for group in optimiser.param_groups:
            group["lr"] = rate
        rows = alike(places, rng) if step >= FIRST and step % 2 else chosen(len(facts), rng)
        loss = _loss(model, shown(pictures[rows], rng), tokenizer(captions_of([facts[i] for i in rows], rng)))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, np.log(100))
        mean = loss.item() if not mean else 0.97 * mean + 0.03 * loss.item()
        if (step + 1) % 20 == 0:
            _say(f"step {step + 1} of {steps}, loss {mean:.3f}, rate {rate:.5f}")
        if (step + 1) % SAVE_EVERY == 0:
            part = state.with_suffix(".part")
            torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step + 1}, part)
            part.replace(state)


def _loss(model: Any, pictures: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """open_clip's contrastive loss of one batch."""
    import open_clip

    with torch.autocast("cpu", torch.bfloat16):  # the picture tower takes half the time so; the text tower gains nothing
        seen = model.encode_image(pictures)
    seen = torch.nn.functional.normalize(seen.float(), dim=-1)
    loss: torch.Tensor = open_clip.ClipLoss()(seen, model.encode_text(tokens, normalize=True), model.logit_scale.exp())
    return loss


def _optimiser(model: Any) -> torch.optim.Optimizer:
    """AdamW, with decay on matrices alone (Radford et al. 2021, 2.5)."""
    plain = [p for p in model.parameters() if p.ndim < 2]
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    groups = [{"params": matrices, "weight_decay": DECAY}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=RATES[0], betas=(0.9, 0.98))


def _say(what: str) -> None:
    print(f"{time.process_time():7.0f} s  {what}", flush=True)


def main() -> None:
    """Read the options and train."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--cache", type=Path, default=CACHE, help="drawn frames and the state of a broken run")
    asked.add_argument("--out", type=Path, default=OUT, help="folder for configuration, vocabulary and weights")
    asked.add_argument("--steps", type=int, default=FIRST + SECOND)
    asked.add_argument("--families", type=int, default=FAMILIES)
    given = asked.parse_args()
    train(given.cache, given.out, given.steps, given.families)


if __name__ == "__main__":
    main()
