"""Adapters: each method lets one detector inspect the training of `train.py`."""

import contextlib
import copy
import io
import os
import random
import sys
import time
import warnings

import numpy
import pytest
import torch

EVERY = 100
"""Steps between two audits of torch-audit: nine audits of this training."""


class Detectors:
    """Watches `train.py`; prints a line for each detector that raises an alarm.

    ``repeats`` says that this run has the seed of the golden run, so that its values can be
    compared with those.
    """

    current = None

    def __init__(self, repeats):
        Detectors.current = self
        self.repeats = repeats
        self.epochs = []
        self.auditor = None
        self.copy = None
        self.seconds = {}

    def recorded(self, batches):
        """Return the program's `batches`, which also records the rows of each training epoch."""

        def recording(number, size, order=None):
            epoch = []
            if order is not None:
                self.epochs.append(epoch)
            for chosen in batches(number, size, order):
                epoch.append([int(row) for row in chosen])
                yield chosen

        return recording

    def before_epoch(self, train):
        """Return the model's `train`, which lets detectors inspect it before the first epoch."""

        def inspected(model, mode=True):
            program = sys.modules["train"]
            if mode and self.copy is None and model is vars(program).get("model"):
                self.copy = copied(program)
                self.inspect(program)
            return train(model, mode)

        return inspected

    def inspect(self, program):
        """Let the detectors that need one batch inspect a copy, and attach the one that stays."""
        with unseen():
            self.run("torchtest", torchtest, *copied_parts(self.copy))
            self.run("torchtest2", torchtest2, *copied_parts(self.copy))
            self.run("torch-audit", self.attach, program.model, program.optimiser)

    def attach(self, model, optimiser):
        """Attach torch-audit to the training itself, as its page does."""
        from torch_audit import autopatch

        self.auditor = autopatch(model, optimizer=optimiser, every_n_steps=EVERY, reporters=[])
        audit = self.auditor.runner.run_step

        def timed(*arguments, **options):
            began = time.process_time()
            audit(*arguments, **options)
            self.add("torch-audit", time.process_time() - began)

        self.auditor.runner.run_step = timed

    def after_training(self):
        """Ask the detectors that have seen the whole training."""
        self.run("torch-audit", finish, self.auditor)
        self.run("trainparity", trainparity, self.epochs, len(sys.modules["train"].x_train))
        with unseen():
            self.pytest()
        for name, seconds in self.seconds.items():
            print(f"cost of {name}: {seconds:.2f} s", file=sys.stderr)

    def pytest(self):
        """Run the tests of three plugins of pytest in this process, and report each."""
        outcomes = Outcomes()
        names = [name for name in FILES if self.repeats or name == "test_league_model.py"]
        files = [os.path.join(os.path.dirname(__file__), name) for name in names]
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            pytest.main(["-q", "-p", "no:cacheprovider", *options(), *files], [outcomes])
        if not outcomes.reports:
            print(printed.getvalue())
        for file, name in FILES.items():
            self.add(name, outcomes.seconds.get(file, 0.0))
            for report in outcomes.reports:
                if report.failed and file in report.nodeid:
                    end = str(report.longrepr).splitlines()[-1].rpartition("/")[2]
                    fire(name, f"{report.nodeid.rpartition('::')[2]}, {end}")

    def run(self, name, detector, *arguments):
        """Run a detector; its alarm is an exception, or what it returns."""
        began = time.process_time()
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                alarm = detector(*arguments)
        except Exception as error:  # noqa: BLE001 (any failure is an alarm)
            alarm = f"{type(error).__name__}: {error}"
        self.add(name, time.process_time() - began)
        if alarm:
            fire(name, str(alarm))

    def add(self, name, seconds):
        """Add to the cost of a detector."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds


FILES = {
    "test_league_model.py": "pytest-torch",
    "test_league_values.py": "pytest-regressions",
    "test_league_weights.py": "tensor-regression",
}
"""The tests of each plugin of pytest."""


class Outcomes:
    """A plugin that keeps the reports of all tests, and the seconds of processor by file."""

    def __init__(self):
        self.reports = []
        self.seconds = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        """Add what a test takes to the seconds of its file."""
        began = time.process_time()
        result = yield
        file = item.path.name
        self.seconds[file] = self.seconds.get(file, 0.0) + time.process_time() - began
        return result

    def pytest_runtest_logreport(self, report):
        """Keep a report."""
        self.reports.append(report)


def options():
    """Return what makes the golden values: set while the clean program makes them."""
    return ["--force-regen"] if os.environ.get("LEAGUE_GOLDEN") == "make" else []


def fire(name, why):
    """Say that a detector raised an alarm, and why."""
    print(f"trainwreck-check: {name} fired", flush=True)
    print(f"alarm of {name}: {' '.join(why.split())[:300]}", flush=True)


@contextlib.contextmanager
def unseen():
    """Let random numbers go on afterwards as if nothing had happened."""
    states = torch.get_rng_state(), numpy.random.get_state(), random.getstate()
    yield
    torch.set_rng_state(states[0])
    numpy.random.set_state(states[1])
    random.setstate(states[2])


def copied(program):
    """Return a copy of model and optimiser after one step, and the batch of this step.

    The last layer begins with zeros, so no gradient reaches the others before it has moved.
    """
    with unseen():
        model, optimiser = copy.deepcopy((program.model, program.optimiser))
        size = program.options.batch_size
        samples, labels = program.x_train[:size], program.y_train[:size]
        optimiser.zero_grad()
        program.loss_of(model(samples), labels).backward()
        optimiser.step()
    return model, optimiser, samples, labels, program.loss_of


def copied_parts(parts):
    """Return a copy of model and optimiser for one detector, with the batch and the loss."""
    model, optimiser, *rest = parts
    return *copy.deepcopy((model, optimiser)), *rest


def torchtest(model, optimiser, samples, labels, loss_of):
    """Run all tests of its suite that need no number of the user's."""
    from torchtest import test_suite

    test_suite(
        model,
        loss_of,
        optimiser,
        [samples, labels],
        test_vars_change=True,
        test_nan_vals=True,
        test_inf_vals=True,
        device="cpu",
    )


def torchtest2(model, optimiser, samples, labels, loss_of):
    """Run all its checks with its own limits, and compare the shape of the output."""
    from torchtest2 import check_model

    report = check_model(
        model, samples, labels, loss_fn=loss_of, optimizer=optimiser, output_shape=(None, 2)
    )
    return [f"{failure.name}: {failure.message}" for failure in report.failures]


def finish(auditor):
    """End the audit; findings of the level ERROR are alarms, as by default."""
    result = auditor.finish(report=False)
    errors = {
        str(found.rule_id) for found in result.findings if found.severity in ("ERROR", "FATAL")
    }
    return sorted(errors) if result.exit_code else None


def trainparity(epochs, number):
    """Sample coverage: each epoch trains on each row exactly once."""
    from trainparity import ExactlyOnce, Outcome
    from trainparity.api import audit_rank_iterables

    for index, epoch in enumerate(epochs):
        result = audit_rank_iterables(
            {0: epoch},
            sample_id_extractor=lambda rows: rows,
            policy=ExactlyOnce(tuple(range(number))),
            epoch=index,
        )
        if result.outcome is not Outcome.PASS:
            return f"{result.outcome}: {result.first_violation}"
    return None
