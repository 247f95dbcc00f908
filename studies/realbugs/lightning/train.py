"""Trains a network whose batches grow, on the path of a bug that Lightning had."""

import logging
import sys
import warnings

import lightning
import torch
from lightning.pytorch.callbacks import GradientAccumulationScheduler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(sys.argv[1])
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
warnings.simplefilter("ignore")


def waves(size, seed):
    """Return points of a noisy wave."""
    draw = torch.Generator().manual_seed(seed)
    x = 6 * torch.rand(size, 1, generator=draw) - 3
    return x, torch.sin(2 * x) + 0.2 * torch.randn(size, 1, generator=draw)


class Curve(lightning.LightningModule):
    """A network that follows the wave."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))

    def training_step(self, batch, _):
        """Return the loss of one batch."""
        x, y = batch
        return nn.functional.mse_loss(self.body(x), y)

    def on_train_epoch_end(self):
        """Print the loss on other data."""
        with torch.no_grad():
            loss = nn.functional.mse_loss(self.body(X_TEST), Y_TEST).item()
        print(f"curve: epoch {self.current_epoch} loss {loss:.6f}")

    def configure_optimizers(self):
        """Return the optimizer."""
        return torch.optim.SGD(self.parameters(), lr=0.1, momentum=0.9)


X_TEST, Y_TEST = waves(300, 1)
lightning.seed_everything(SEED, verbose=False)
trainer = lightning.Trainer(
    max_epochs=6,
    accelerator="cpu",
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
    callbacks=[GradientAccumulationScheduler({0: 2, 3: 8})],
)
batches = DataLoader(TensorDataset(*waves(640, 0)), batch_size=20, shuffle=True)
trainer.fit(Curve(), batches)
