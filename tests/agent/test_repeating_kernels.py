"""The agent asks PyTorch for kernels that repeat where the order says `deterministic`."""

import importlib
from types import SimpleNamespace
from typing import Any

import pytest

from guest import AGENT


class OldTorch(SimpleNamespace):
    """As much of PyTorch 1.8 as is asked for."""

    def use_deterministic_algorithms(self, mode: bool) -> None:
        raise AssertionError("an operation without such a kernel would fail")


class Torch(SimpleNamespace):
    """As much of PyTorch 1.11 as is asked for."""

    def use_deterministic_algorithms(self, mode: bool, *, warn_only: bool = False) -> None:
        self.asked = (mode, warn_only)


def imported(monkeypatch: pytest.MonkeyPatch, torch: Any, order: dict[str, object]) -> Any:
    monkeypatch.syspath_prepend(str(AGENT))
    handler = importlib.import_module("trainwreck_agent.frameworks.with_torch")
    guest = SimpleNamespace(
        entropy=SimpleNamespace(global_seed=lambda: 1),
        digest=SimpleNamespace(surround=lambda _: None),
        sources=None,
        order={"threads": 1, **order},
    )
    vars(torch).update(
        manual_seed=lambda _: None,
        set_num_threads=lambda _: None,
        seed=lambda: 1,
        random=SimpleNamespace(seed=None),
        backends=SimpleNamespace(cudnn=SimpleNamespace(deterministic=False)),
    )
    handler.after_import(torch, guest)
    return torch


def test_an_order_that_is_deterministic_makes_pytorch_warn_and_repeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert imported(monkeypatch, Torch(), {"deterministic": True}).asked == (True, True)
    for order in ({}, {"deterministic": False}):
        torch = imported(monkeypatch, Torch(), order)
        assert not hasattr(torch, "asked")


def test_an_old_pytorch_gets_what_makes_no_operation_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = imported(monkeypatch, OldTorch(), {"deterministic": True})
    assert torch.backends.cudnn.deterministic
