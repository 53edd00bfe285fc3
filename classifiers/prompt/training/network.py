"""The reader's layers in torch, for tuning: the same arithmetic as ``reader.graph``, in floats, with dropout."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from classifiers.prompt.reader.pieces import MOST_PIECES
from classifiers.prompt.reader.published import published
from classifiers.prompt.reader.tuned import DEPTH, FIRST_TUNED, MATRICES, NORMS, Layer, quantise

DROPOUT = 0.1


class TunedLayer(nn.Module):
    """One transformer layer, begun from the published one."""

    def __init__(self, number: int) -> None:
        super().__init__()
        file = published()
        self.heads: int = file.heads
        self.matrices = nn.ModuleDict()
        for name, theirs in MATRICES.items():
            bias = torch.from_numpy(file.tensor(f"l{number}.{theirs}.b"))
            weight = torch.from_numpy(file.tensor(f"l{number}.{theirs}.w")).view(len(bias), -1)
            linear = nn.Linear(weight.shape[1], weight.shape[0])
            linear.weight.data, linear.bias.data = weight, bias
            self.matrices[name] = linear
        self.norms = nn.ModuleDict()
        for name, theirs in NORMS.items():
            norm = nn.LayerNorm(file.width, file.epsilon)
            norm.weight.data = torch.from_numpy(file.tensor(f"l{number}.{theirs}.w"))
            norm.bias.data = torch.from_numpy(file.tensor(f"l{number}.{theirs}.b"))
            self.norms[name] = norm

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """``x`` (texts, pieces, width); ``mask`` (texts, 1, 1, pieces), true where there is a piece."""
        m, drop = self.matrices, self._drop
        count, length, width = x.shape
        q, k, v = (m[name](x).view(count, length, self.heads, -1).transpose(1, 2) for name in "qkv")
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(count, length, width)
        x = self.norms["attended"](x + drop(m["o"](seen)))
        out: Tensor = self.norms["fed"](x + drop(m["down"](F.gelu(m["up"](x)))))
        return out

    def _drop(self, x: Tensor) -> Tensor:
        return F.dropout(x, DROPOUT, self.training)

    def export(self) -> Layer:
        """The layer in eight bits."""
        found = {
            name: quantise(linear.weight.detach().numpy(), linear.bias.detach().numpy())
            for name, linear in self.matrices.items()
            if isinstance(linear, nn.Linear)
        }
        norms = {
            name: (norm.weight.detach().numpy(), norm.bias.detach().numpy())
            for name, norm in self.norms.items()
            if isinstance(norm, nn.LayerNorm)
        }
        return Layer(found, norms)


class Network(nn.Module):
    """Frozen pieces and lower layers, layers to tune, and one logit a label."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        file = published()
        self.file = file
        kind = torch.from_numpy(file.tensor("emb.type"))[: file.width]
        self.places = torch.from_numpy(file.tensor("emb.pos")).view(-1, file.width)[:MOST_PIECES] + kind
        self.first = nn.LayerNorm(file.width, file.epsilon)
        self.first.weight.data = torch.from_numpy(file.tensor("emb.ln.w"))
        self.first.bias.data = torch.from_numpy(file.tensor("emb.ln.b"))
        self.layers = nn.ModuleList(TunedLayer(number) for number in range(DEPTH))
        self.judges = nn.Linear(file.width, labels)
        frozen = [*self.first.parameters(), *self.layers[:FIRST_TUNED].parameters()]
        for parameter in frozen:
            parameter.requires_grad = False

    @property
    def tuned(self) -> list[TunedLayer]:
        return [layer for layer in self.layers[FIRST_TUNED:] if isinstance(layer, TunedLayer)]

    def forward(self, rows: Tensor, mask: Tensor) -> Tensor:
        """Logits (texts, labels) of pieces' embeddings (texts, pieces, width) under a mask (texts, pieces)."""
        wide = mask[:, None, None, :]
        with torch.no_grad():
            x = self.first(rows + self.places[: rows.shape[1]])
            for layer in self.layers[:FIRST_TUNED]:
                layer.eval()
                x = layer(x, wide)
        for layer in self.layers[FIRST_TUNED:]:
            x = layer(x, wide)
        share = mask / mask.sum(dim=1, keepdim=True)
        mean = (x.float() * share[..., None]).sum(dim=1)
        answer: Tensor = self.judges(F.normalize(mean, dim=1) * SCALE)
        return answer


#: Length of the unit vectors before the linear judges: without it their weights would have to grow for a long time.
SCALE = 12.0
