"""open_clip, made to load one checkpoint by digest, ours or a user's, by the same lines.

It must never reach for a network: towers or tokenizers that open_clip would fetch from a hub are refused by name. It must never
load bytes other than the ones that were named.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from classifiers.clip.scene.choice import Choice
from safety.errors import BadInput
from safety.weights import WeightsError, sha256_of

#: The name under which open_clip keeps a whole folder's configuration.
HUB_FILE = "open_clip_config.json"


class Loaded:
    """The parts of a CLIP that looking needs: ``model`` (evaluating), ``prepare`` (Pillow picture to tensor), ``tokenize``.

    ``device`` and ``kind`` are where and in which numbers the model computes.
    """

    def __init__(self, model: Any, prepare: Any, tokenize: Any, device: str, side: int) -> None:
        self.model, self.prepare, self.tokenize, self.device, self.side = model, prepare, tokenize, device, side


def load(choice: Choice) -> Loaded:
    """The CLIP of ``choice``: float32 on the processor, bfloat16 on a CUDA device where there is one.

    Raises ``WeightsError`` for a file that is missing or has other bytes, ``BadInput`` for a model that cannot be built here.
    """
    verify(choice)
    open_clip = _open_clip()
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    precision = "bf16" if device == "cuda" else "fp32"
    name, config = _known(open_clip, choice)
    _refuse_fetching(choice, config)
    before = logging.getLogger().level
    logging.getLogger().setLevel(logging.ERROR)  # it warns that nothing is loaded yet; we load by digest right after
    try:
        model, _, prepare = open_clip.create_model_and_transforms(
            name, load_weights=False, pretrained_text=False, precision=precision, device=device
        )
        open_clip.load_checkpoint(model, str(choice.checkpoint), strict=True, weights_only=True)
        tokenize = open_clip.get_tokenizer(name, **_pieces(choice, config))
    except Exception as reason:  # a file may be broken in as many ways as there are formats
        raise BadInput(
            f"The checkpoint {choice.checkpoint.name} cannot be loaded as the model {choice.model} ({type(reason).__name__}); "
            "name the configuration it was trained with."
        ) from reason
    finally:
        logging.getLogger().setLevel(before)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    size = model.visual.image_size
    return Loaded(model.eval(), prepare, tokenize, device, max(size) if isinstance(size, tuple | list) else int(size))


def verify(choice: Choice) -> None:
    """Refuse a checkpoint that is not there or is not the named one. Raises ``WeightsError``."""
    if not choice.checkpoint.is_file():
        raise WeightsError(f"The CLIP checkpoint {choice.checkpoint} is not on this machine; put it back or change the setting.")
    found = sha256_of(choice.checkpoint)
    if found != choice.sha256:
        raise WeightsError(
            f"The CLIP checkpoint {choice.checkpoint} has digest {found[:12]}… but {choice.sha256[:12]}… was named; "
            "put the right file there or name the right digest."
        )


def _open_clip() -> Any:
    """open_clip. A torch built for the processor alone lacks two operators that torchvision asks for; they are declared first."""
    import torch

    try:
        import torchvision  # type: ignore[import-untyped,unused-ignore]  # noqa: F401
    except RuntimeError:
        import sys

        for half_imported in [m for m in sys.modules if m.split(".")[0] == "torchvision"]:
            del sys.modules[half_imported]
        library: Any = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _KEPT.append(library)  # the definitions end with it
    import open_clip

    return open_clip


_KEPT: list[Any] = []


def _known(open_clip: Any, choice: Choice) -> tuple[str, dict[str, Any]]:
    """The name by which open_clip knows the configuration, and the configuration."""
    if not choice.model.endswith(".json"):
        config = open_clip.get_model_config(choice.model) if ":" not in choice.model else None
        if config is None:
            raise BadInput(f"open_clip has no configuration called {choice.model!r}; name another, or the path of one in JSON.")
        return choice.model, config
    path = Path(choice.model).expanduser().absolute()
    try:
        read = json.loads(path.read_text("utf-8"))
        config = read.get("model_cfg", read)
        if not {"embed_dim", "vision_cfg", "text_cfg"} <= set(config):
            raise ValueError("incomplete")
    except (OSError, ValueError, AttributeError) as reason:
        raise BadInput(f"The file {path} is not a configuration of a CLIP in JSON, as open_clip writes them.") from reason
    if config is not read:
        if path.name != HUB_FILE:
            raise BadInput(f"A configuration that has a model_cfg must be called {HUB_FILE}; {path.name} has one.")
        return f"local-dir:{path.parent}", config
    open_clip.add_model_config(path)
    return path.stem, config


def _refuse_fetching(choice: Choice, config: dict[str, Any]) -> None:
    text = config["text_cfg"]
    for key in ("hf_model_name", "hf_tokenizer_name"):
        if text.get(key) and not Path(text[key]).is_dir():
            raise BadInput(
                f"The model {choice.model} takes {text[key]} from a hub, and nothing is ever downloaded here; "
                "name a configuration that needs no hub."
            )
    if "siglip" in choice.model.lower() and not text.get("hf_tokenizer_name"):
        raise BadInput(f"The vocabulary of {choice.model} would be downloaded, and nothing ever is; name another configuration.")


def _pieces(choice: Choice, config: dict[str, Any]) -> dict[str, str]:
    """Where the vocabulary lies, when the configuration names a file of its own beside it."""
    own = config["text_cfg"].get("tokenizer_kwargs", {}).get("bpe_path")
    return {"bpe_path": str(Path(choice.model).expanduser().absolute().parent / own)} if own else {}
