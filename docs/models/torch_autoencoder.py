"""Train an autoencoder in PyTorch on a store, and export it to ONNX for ``aelatent import``.

``python docs/models/torch_autoencoder.py portraits --epochs 20 --out ae`` writes encoder.onnx and
decoder.onnx: pictures are NCHW in -1..1. ``pip install torch onnx onnxscript`` brings what it needs
beside the project; nothing of the project itself needs these.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import torch
from torch import nn

from aelatent.images import ImageStore

CHANNELS = (3, 16, 32, 64)


def make_encoder(size: int, z_dim: int) -> nn.Module:
    """Return pictures -> z."""
    steps = []
    for before, after in pairwise(CHANNELS):
        steps += [nn.Conv2d(before, after, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
    side = size // 2 ** (len(CHANNELS) - 1)
    return nn.Sequential(*steps, nn.Flatten(), nn.Linear(CHANNELS[-1] * side**2, z_dim))


def make_decoder(size: int, z_dim: int) -> nn.Module:
    """Return z -> pictures."""
    side = size // 2 ** (len(CHANNELS) - 1)
    steps = [nn.Linear(z_dim, CHANNELS[-1] * side**2), nn.Unflatten(1, (CHANNELS[-1], side, side))]
    for before, after in pairwise(CHANNELS[::-1]):
        steps += [nn.LeakyReLU(0.2), nn.ConvTranspose2d(before, after, 4, stride=2, padding=1)]
    return nn.Sequential(*steps, nn.Tanh())


def export(half: nn.Module, example: torch.Tensor, path: Path) -> None:
    """Write one half as a single file, for batches of any length."""
    torch.onnx.export(
        half.eval(),
        (example,),
        path,
        input_names=["x"],
        output_names=["y"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        dynamo=True,
        external_data=False,  # weights in the file itself: one that lies beside it is not read
    )


def main() -> None:
    """Train and export."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--z-dim", type=int, default=32)
    parser.add_argument("--out", type=Path, default=Path("torch-autoencoder"))
    o = parser.parse_args()
    torch.manual_seed(0)
    store = ImageStore.open(o.store)
    pictures = torch.from_numpy(store.images[store.rows("train")]).permute(0, 3, 1, 2)
    encoder, decoder = make_encoder(store.size, o.z_dim), make_decoder(store.size, o.z_dim)
    adam = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3)
    for epoch in range(o.epochs):
        total = 0.0
        for rows in torch.randperm(len(pictures)).split(64):
            x = pictures[rows].float() / 127.5 - 1
            loss = nn.functional.mse_loss(decoder(encoder(x)), x)
            adam.zero_grad()
            loss.backward()
            adam.step()
            total += loss.item() * len(rows)
        print(f"epoch {epoch + 1}: {total / len(pictures):.4f}", flush=True)
    o.out.mkdir(parents=True, exist_ok=True)
    two = torch.zeros(2, 3, store.size, store.size)
    export(encoder, two, o.out / "encoder.onnx")
    export(decoder, torch.zeros(2, o.z_dim), o.out / "decoder.onnx")


if __name__ == "__main__":
    main()
