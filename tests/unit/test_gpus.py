"""Which GPUs the slots of a campaign get, and what runs with a GPU are started with."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from trainwreck.campaign.devices import devices_of, say_what_is_not_held, slot_beside
from trainwreck.engine.local import local_slots
from trainwreck.errors import UsageError
from trainwreck.model import Subject
from trainwreck.model.source import Environment
from trainwreck.run import gpus
from trainwreck.run.context import RunContext
from trainwreck.run.gpus import Gpu, devices_for, gpu_variables, usable_gpus
from trainwreck.subject.settings_file import FILE_NAME, load_settings

TWO = [Gpu("GPU-a", "H200"), Gpu("GPU-b", "H200")]
SETTINGS = """
[subject]
name = "tiny"
command = ["train.py"]
[metrics.loss]
pattern = 'loss: (\\S+)'
better = "lower"
[trials]
"""


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(gpus, "gpus_of_machine", lambda: TWO)
    monkeypatch.setattr(gpus, "nvml", lambda: None)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return monkeypatch


def context(share: float, memory: int = 0) -> RunContext:
    subject = Subject("s", ("train.py",), ".", "", ("app",), (), (), 1, ())
    folders = Path("/program"), Path("/campaign")
    return RunContext(subject, *folders, "python3", {}, (), {}, None, gpus=share, gpu_memory=memory)


@pytest.mark.parametrize(
    ("share", "devices"),
    [
        (1, ["a", "b", "c"]),
        (2, ["a,b"]),
        (4, []),
        (0.5, ["a", "b", "c", "a", "b", "c"]),
        (0.4, ["a", "b", "c", "a", "b", "c"]),
        (0.1, ["a", "b", "c"] * 10),
    ],
)
def test_gpus_are_divided_among_slots(share: float, devices: list[str]) -> None:
    assert devices_for(["a", "b", "c"], share) == devices


def test_slots_have_a_gpu_each_and_there_are_no_more_than_gpus_allow(
    machine: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slots = local_slots(3, tmp_path, devices_of(context(1)))
    assert [slot.device for slot in slots] == ["GPU-a", "GPU-b"]
    assert [slot.device for slot in local_slots(3, tmp_path, devices_of(context(0)))] == [""] * 3
    assert slot_beside(7, context(0.5)).device == "GPU-a"
    said: list[str] = []
    say_what_is_not_held(context(1, memory=1 << 30), 3, devices_of(context(1)), said.append)
    assert [text.split(":")[0] for text in said] == [
        "Runs at a time",
        "The memory of GPUs is not measured",
    ]


def test_a_machine_with_too_few_gpus_is_refused(machine: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="is to have 4 GPUs, and 2 can be used here"):
        devices_of(context(4))
    machine.setattr(gpus, "gpus_of_machine", list)
    with pytest.raises(UsageError, match="1 GPUs, and none can be used"):
        devices_of(context(1))


def test_only_gpus_that_cuda_visible_devices_names_are_used(machine: pytest.MonkeyPatch) -> None:
    machine.setenv("CUDA_VISIBLE_DEVICES", "1, 0,-1,5")
    assert usable_gpus({}) == ["1", "0"]
    assert usable_gpus({"CUDA_VISIBLE_DEVICES": "GPU-b"}) == ["GPU-b"]
    machine.setenv("CUDA_VISIBLE_DEVICES", "")
    assert usable_gpus({}) == []


def test_gpus_of_different_models_never_work_for_one_campaign(machine: pytest.MonkeyPatch) -> None:
    machine.setattr(gpus, "gpus_of_machine", lambda: [*TWO, Gpu("GPU-c", "T4")])
    with pytest.raises(UsageError, match="different models"):
        usable_gpus({})
    with pytest.raises(UsageError, match="different models"):
        usable_gpus({"CUDA_VISIBLE_DEVICES": "0,1"})
    assert usable_gpus({"CUDA_VISIBLE_DEVICES": "GPU-a,GPU-b"}) == ["GPU-a", "GPU-b"]


def test_the_driver_lists_gpus_where_nvml_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "0000:01:00.0" / "information"
    file.parent.mkdir()
    file.write_text("Model: \t\t NVIDIA T4\nIRQ:   \t\t 24\nGPU UUID: \t GPU-5\n")
    monkeypatch.setattr(gpus, "nvml", lambda: None)
    monkeypatch.setattr(gpus, "DRIVER", tmp_path)
    assert gpus.gpus_of_machine() == [Gpu("GPU-5", "NVIDIA T4")]
    assert gpus.gpu_memory_of({1}) == 0


def test_runs_with_a_gpu_ask_frameworks_for_kernels_that_repeat() -> None:
    inherited = {"XLA_FLAGS": "--xla_dump_to=x", "CUDA_VISIBLE_DEVICES": "0,1"}
    found = gpu_variables("1", inherited, {"CUBLAS_WORKSPACE_CONFIG": ":16:8"})
    assert found["CUDA_VISIBLE_DEVICES"] == "1"
    assert found["XLA_FLAGS"] == "--xla_dump_to=x --xla_gpu_deterministic_ops=true"
    assert found["TF_DETERMINISTIC_OPS"] == "1"
    assert found["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"
    chosen = {"XLA_FLAGS": "--xla_gpu_deterministic_ops=false"}
    assert gpu_variables("", {}, chosen)["XLA_FLAGS"] == chosen["XLA_FLAGS"]


@pytest.mark.parametrize("text", ["gpus = 1.5", "gpus = -1", 'gpus = "all"', 'gpu_memory = "1"'])
def test_gpus_that_nothing_can_give_are_mistakes(tmp_path: Path, text: str) -> None:
    (tmp_path / "train.py").touch()
    (tmp_path / FILE_NAME).write_text(SETTINGS + text)
    with pytest.raises(UsageError, match="gpu"):
        load_settings(tmp_path / FILE_NAME)


def test_runs_with_and_without_a_gpu_are_of_different_kinds() -> None:
    machine = {"processor": "x", "GPU": "H200"}
    with_use = Environment("3.12", {}, {**machine, "GPU use": "kernels that repeat"})
    assert with_use.kind != Environment("3.12", {}, machine).kind


class Refusal(Exception):
    """What the stand-in raises where NVML would return an error."""


def stand_in(**changed: object) -> SimpleNamespace:
    """Return a stand-in for NVIDIA's bindings with two GPUs, of which the second is lost."""

    def processes(handle: int) -> list[SimpleNamespace]:
        if handle == 1:
            raise Refusal
        pairs = [(7, 100), (8, 10), (9, None)]
        return [SimpleNamespace(pid=pid, usedGpuMemory=memory) for pid, memory in pairs]

    functions = {
        "nvmlInit": lambda: None,
        "nvmlDeviceGetCount": lambda: 2,
        "nvmlDeviceGetHandleByIndex": lambda index: index,
        "nvmlDeviceGetUUID": lambda handle: f"GPU-{handle}",
        "nvmlDeviceGetName": lambda _: "H200",
        "nvmlDeviceGetComputeRunningProcesses_v3": processes,
        "NVMLError": Refusal,
    }
    return SimpleNamespace(**functions | changed)


@pytest.fixture
def fresh() -> Iterator[None]:
    gpus.nvml.cache_clear()
    yield
    gpus.nvml.cache_clear()


@pytest.mark.usefixtures("fresh")
def test_memory_of_gpus_is_that_of_the_named_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", stand_in())
    assert gpus.gpu_memory_of({7, 9}) == 100
    assert gpus.gpus_of_machine() == [Gpu("GPU-0", "H200"), Gpu("GPU-1", "H200")]


@pytest.mark.usefixtures("fresh")
def test_a_machine_without_nvml_measures_no_memory_of_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise Refusal

    monkeypatch.setitem(sys.modules, "pynvml", stand_in(nvmlInit=refuse))
    assert gpus.nvml() is None
    assert gpus.gpu_memory_of({7}) == 0
