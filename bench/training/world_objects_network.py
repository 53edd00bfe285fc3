"""The small detector's network and its loss: two strides, no anchors, plain convolutions.

A cell answers for a box whose middle is near: class scores, and the distances to the four sides (Tian and others, "FCOS", 2019).
The output is that of the common YOLO exports, so that the adapter reads ours and others alike.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

STRIDES = (8, 16)
#: Boxes with a longer side up to the first number belong to the fine stride, from the second on to the coarse one; both between.
FINE_UP_TO, COARSE_FROM = 72.0, 48.0
#: A cell answers for a box whose middle is nearer than this many strides.
NEAR = 1.5
#: Weight of a positive and of a negative in the focal loss, and its power (Lin and others, "Focal loss", 2017).
POSITIVE, NEGATIVE, GAMMA = 1.0, 0.75, 2.0


def _block(inner: int, outer: int, stride: int = 1, spread: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inner, outer, 3, stride, spread, dilation=spread, bias=False), nn.BatchNorm2d(outer), nn.ReLU(inplace=True)
    )


class Network(nn.Module):
    """Pictures float32 (n, 3, h, w), 0 to 1, sides multiples of 32, to (n, 4 + classes, cells)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.stem = nn.Sequential(_block(3, 16, 2), _block(16, 32, 2))
        self.fine = nn.Sequential(_block(32, 64, 2), _block(64, 64), _block(64, 64))
        self.coarse = nn.Sequential(_block(64, 112, 2), _block(112, 112), _block(112, 112, spread=2), _block(112, 112))
        self.down = nn.Sequential(nn.Conv2d(112, 64, 1), nn.ReLU(inplace=True))
        self.joined = _block(128, 64)
        self.heads = nn.ModuleList(nn.Sequential(_block(width, 64), nn.Conv2d(64, 4 + classes, 1)) for width in (64, 112))
        for head in self.heads:
            last = head[-1]
            assert isinstance(last, nn.Conv2d) and last.bias is not None
            nn.init.constant_(last.bias[4:], -4.6)  # one cell in a hundred holds something, as in the focal loss paper
            nn.init.constant_(last.bias[:4], 1.0)

    def raw(self, pictures: Tensor) -> list[Tensor]:
        """For each stride (n, 4 + classes, rows, columns): distances in strides before the exponential, and class logits."""
        fine = self.fine(self.stem(pictures))
        coarse = self.coarse(fine)
        wide = nn.functional.interpolate(self.down(coarse), scale_factor=2.0, mode="nearest")
        return [self.heads[0](self.joined(torch.cat([fine, wide], 1))), self.heads[1](coarse)]

    def forward(self, pictures: Tensor) -> Tensor:
        """Centre x, y, width and height in pixels, then a score for each class, 0 to 1."""
        return torch.cat([_decoded(r, s) for r, s in zip(self.raw(pictures), STRIDES, strict=True)], 2)


def _centres(rows: int, columns: int, stride: int) -> tuple[Tensor, Tensor]:
    x, y = (torch.arange(columns) + 0.5) * stride, (torch.arange(rows) + 0.5) * stride
    return x[None, :].expand(rows, columns), y[:, None].expand(rows, columns)


def _decoded(raw: Tensor, stride: int) -> Tensor:
    x, y = _centres(raw.shape[2], raw.shape[3], stride)
    left, top, right, bottom = (raw[:, :4].clamp(-4, 4).exp() * stride).unbind(1)
    box = torch.stack([x + (right - left) / 2, y + (bottom - top) / 2, left + right, top + bottom], 1)
    return torch.cat([box, raw[:, 4:].sigmoid()], 1).flatten(2)


def loss(raw: list[Tensor], boxes: list[Tensor]) -> Tensor:
    """Mean loss of a batch; ``boxes`` holds for each picture float32 (things, 5): class, left, top, right, bottom in pixels."""
    total = raw[0].new_zeros(())
    found = 0
    for level, (answers, stride) in enumerate(zip(raw, STRIDES, strict=True)):
        out = answers.float()
        x, y = _centres(out.shape[2], out.shape[3], stride)
        wanted = torch.zeros_like(out[:, 4:])
        for n, rows in enumerate(boxes):
            for row in rows:
                kind, sides = int(row[0]), row[1:]
                longer = float(max(sides[2] - sides[0], sides[3] - sides[1]))
                if longer > FINE_UP_TO if level == 0 else longer < COARSE_FROM:
                    continue
                mx, my = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
                near = torch.maximum((x - mx).abs(), (y - my).abs()) < NEAR * stride
                near &= (x > sides[0]) & (x < sides[2]) & (y > sides[1]) & (y < sides[3])
                if not near.any():
                    near = torch.hypot(x - mx, y - my) <= torch.hypot(x - mx, y - my).min() + 1e-3
                wanted[n, kind][near] = 1.0
                here = out[n, :4, near].clamp(-4, 4).exp() * stride
                total = total + 2.0 * _apart(here, x[near], y[near], sides).sum()
                found += int(near.sum())
        logits = out[:, 4:]
        p = logits.sigmoid()
        hard = torch.where(wanted > 0, POSITIVE * (1 - p) ** GAMMA, NEGATIVE * p**GAMMA)
        total = total + (hard * nn.functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")).sum()
    return total / max(found, 1)


def _apart(distances: Tensor, x: Tensor, y: Tensor, sides: Tensor) -> Tensor:
    """1 - GIoU of the boxes at cells ``x``, ``y`` and one true box (Rezatofighi and others, 2019)."""
    left, top, right, bottom = x - distances[0], y - distances[1], x + distances[2], y + distances[3]
    wide = (torch.minimum(right, sides[2]) - torch.maximum(left, sides[0])).clamp(min=0)
    high = (torch.minimum(bottom, sides[3]) - torch.maximum(top, sides[1])).clamp(min=0)
    both = wide * high
    one = (right - left) * (bottom - top) + (sides[2] - sides[0]) * (sides[3] - sides[1]) - both
    hull = (torch.maximum(right, sides[2]) - torch.minimum(left, sides[0])) * (
        torch.maximum(bottom, sides[3]) - torch.minimum(top, sides[1])
    )
    return 1 - both / one.clamp(min=1e-6) + (hull - one) / hull.clamp(min=1e-6)
