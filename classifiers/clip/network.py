"""EfficientNet-Lite0 without its classifier: a picture in, 1280 numbers out.

Written out here, with the names of the weight file, so that loading is strict and no other package's idea of the architecture
stands between the digest and what runs. Architecture: Tan and Le, "EfficientNet" (ICML 2019), in the Lite variant of
TensorFlow's model garden (no squeeze and excitation, ReLU6, fixed stem and head), with TensorFlow's "same" padding.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import pad, relu6

#: Stages: (blocks, kernel, stride, expansion, channels out), from the Lite0 definition.
STAGES = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)  # fmt: skip
STEM, HEAD, CLASSES = 32, 1280, 1000
#: The block whose features describe how something is drawn rather than what it is (counted from 0).
DRAWING_BLOCK = 13
BATCHNORM_EPSILON = 1e-3
#: Pixels are brought to (value - 127) / 128, as in TensorFlow's preprocessing of the Lite models.
MEAN, SCALE = 127.0, 128.0


class SameConv(nn.Conv2d):
    """Convolution with TensorFlow's padding: output side = ceil(input side / stride), the odd pixel goes right and below."""

    def forward(self, input: Tensor) -> Tensor:
        pads: list[int] = []
        for side, kernel, stride in (
            (input.shape[3], self.kernel_size[1], self.stride[1]),
            (input.shape[2], self.kernel_size[0], self.stride[0]),
        ):
            missing = max((-(-side // stride) - 1) * stride + kernel - side, 0)
            pads += [missing // 2, missing - missing // 2]
        padded: Tensor = self._conv_forward(pad(input, pads), self.weight, self.bias)
        return padded


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=BATCHNORM_EPSILON)


class Block(nn.Module):
    """Inverted residual: widen, filter each channel, narrow."""

    def __init__(self, before: int, after: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = before * expansion
        self.skips = stride == 1 and before == after
        if expansion != 1:
            self._expand_conv = SameConv(before, wide, 1, bias=False)
            self._bn0 = _norm(wide)
        self.expands = expansion != 1
        self._depthwise_conv = SameConv(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = _norm(wide)
        self._project_conv = SameConv(wide, after, 1, bias=False)
        self._bn2 = _norm(after)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.skips else y


class EfficientNetLite0(nn.Module):
    """``forward`` takes float (n, 3, side, side) RGB, 0 to 255, and gives float (n, 1280), the mean over places."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = SameConv(3, STEM, 3, 2, bias=False)
        self._bn0 = _norm(STEM)
        blocks, before = [], STEM
        for count, kernel, stride, expansion, after in STAGES:
            for i in range(count):
                blocks.append(Block(before, after, kernel, stride if i == 0 else 1, expansion))
                before = after
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = SameConv(before, HEAD, 1, bias=False)
        self._bn1 = _norm(HEAD)
        self._fc = nn.Linear(HEAD, CLASSES)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.features(pixels)[0]

    def features(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """The last features (n, 1280), and those of block ``DRAWING_BLOCK`` (n, 192), each the mean over places."""
        x = relu6(self._bn0(self._conv_stem((pixels - MEAN) / SCALE)))
        drawing = x
        for i, block in enumerate(self._blocks):
            x = block(x)
            if i == DRAWING_BLOCK:
                drawing = x
        return relu6(self._bn1(self._conv_head(x))).mean((2, 3)), drawing.mean((2, 3))

    def classify(self, pixels: Tensor) -> Tensor:
        """Logits (n, 1000) of ImageNet's classes; only the tests need it, to see that the weights mean what they should."""
        logits: Tensor = self._fc(self.forward(pixels))
        return logits
