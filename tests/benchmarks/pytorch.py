"""The same network and training step in PyTorch, which is no dependency of the project."""

import itertools

import joblib
import torch
from torch import nn

from aelatent.model.autoencoder import LEAKY_SLOPE

torch.set_num_threads(joblib.cpu_count())  # as many as TensorFlow takes


class Trainer:
    """Network, loss and optimizer, and an epoch of steps on arrays in memory."""

    def __init__(self, model, config, mixed):
        torch.manual_seed(config.seed)
        self.config, self.mixed = config, mixed
        self.network = network(model).to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=config.learning_rate)
        self.pictures = None

    def weights(self):
        return sum(weight.numel() for weight in self.network.parameters())

    def run_epoch(self, floats):
        """Take every step of an epoch in random order; return the last loss."""
        if self.pictures is None:
            channels_first = torch.from_numpy(floats).permute(0, 3, 1, 2)
            self.pictures = channels_first.contiguous(memory_format=torch.channels_last)
        for rows in torch.randperm(len(self.pictures)).split(self.config.batch_size):
            batch = self.pictures[rows]
            self.optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=self.mixed):
                back = self.network(batch)
            loss = nn.functional.mse_loss(back.float(), batch)
            loss.backward()
            self.optimizer.step()
        return loss.item()


def network(model):
    side, last = model.size // 2 ** len(model.filters), model.filters[-1]
    layers = []
    for before, after in itertools.pairwise((3, *model.filters)):
        layers += [nn.Conv2d(before, after, model.kernel, 2, model.kernel // 2)]
        layers += [nn.LeakyReLU(LEAKY_SLOPE)]
    layers += [nn.Flatten(), nn.Linear(side * side * last, model.z_dim)]
    layers += [nn.Linear(model.z_dim, side * side * last), nn.Unflatten(1, (last, side, side))]
    channels = (*reversed(model.filters), 3)
    for before, after in itertools.pairwise(channels):
        layers += [nn.LeakyReLU(LEAKY_SLOPE)]
        layers += [nn.ConvTranspose2d(before, after, model.kernel, 2, model.kernel // 2, 1)]
    return nn.Sequential(*layers, nn.Sigmoid())
