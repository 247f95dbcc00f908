"""The suite of pytest-torch for the model: its contract, its output, a checkpoint, training."""

from detectors import Detectors, copied_parts
from pytest_torch import ModelSuite, TensorSpec


class TestSentenceClassifier(ModelSuite):
    """The tests that ask for nothing but a batch and the loss, with their own limits."""

    checks = ("contract", "output_spec", "checkpoint", "training")
    output_spec = TensorSpec(("B", 2))
    test_loss_decreases = None  # with its own optimiser and rate it fails without a bug

    def make_model(self):
        """Return a copy of the program's model."""
        return copied_parts(Detectors.current.copy)[0]

    def make_inputs(self, _):
        """Return the samples of the batch."""
        return Detectors.current.copy[2]

    def loss(self, output, _):
        """Return the program's loss."""
        return Detectors.current.copy[4](output, Detectors.current.copy[3])
