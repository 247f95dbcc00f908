"""Runs with a GPU, on a stand-in for NVIDIA's library that is compiled here."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pynvml
import pytest

from trainwreck import Campaign
from trainwreck.model import Ending
from trainwreck.run import gpus
from trainwreck.run.child import run_child
from trainwreck.run.limits import Limits
from trainwreck.run.program_start import ProgramStart
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.settings_file import FILE_NAME, load_settings

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("no_process_is_left")]

LIBRARY = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef struct { unsigned pid; unsigned long long memory; unsigned instance, compute; } Process;
int nvmlInitWithFlags(unsigned flags) { return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
    *device = (void *)(size_t)(index + 1);
    return 0;
}
int nvmlDeviceGetUUID(void *device, char *text, unsigned size) {
    snprintf(text, size, "GPU-%zu", (size_t)device);
    return 0;
}
int nvmlDeviceGetName(void *device, char *text, unsigned size) {
    snprintf(text, size, "Stand-in");
    return 0;
}
int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *count, Process *found) {
    FILE *file = fopen(getenv("STAND_IN"), "r");
    if (!file || (size_t)device != 2) { *count = 0; return 0; }
    if (!found) { *count = 1; return 7; }  // Ask again, with room for them.
    *count = 0;
    while (fscanf(file, "%u %llu", &found[*count].pid, &found[*count].memory) == 2) (*count)++;
    fclose(file);
    return 0;
}
"""
TRAIN = """
import json, os, random, sys
names = ("CUDA_VISIBLE_DEVICES", "CUBLAS_WORKSPACE_CONFIG", "TF_DETERMINISTIC_OPS", "XLA_FLAGS")
print("seen:", json.dumps([os.environ.get(name) for name in names]))
print("order:", json.load(open(os.environ["TRAINWRECK_ORDER"]))["deterministic"])
print("loss:", random.Random(int(sys.argv[1])).random())
"""
SETTINGS = """
[subject]
name = "tiny"
command = ["train.py", "{seed}"]

[metrics.loss]
pattern = 'loss: (\\S+)'
better = "lower"

[trials]
clean = 2
seeds = 1
gpus = 0.5
gpu_memory = "1G"
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The library, and the file of the processes that its second GPU has."""
    compiler = shutil.which("cc") or pytest.skip("no C compiler is here")
    made = tmp_path / "nvml.so"
    (tmp_path / "nvml.c").write_text(LIBRARY)
    command = [compiler, "-shared", "-fPIC", "-o", str(made), str(tmp_path / "nvml.c")]
    subprocess.run(command, check=True, timeout=60)
    monkeypatch.setattr(pynvml, "nvmlLib", ctypes.CDLL(str(made)))
    monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})
    monkeypatch.setenv("STAND_IN", str(tmp_path / "processes"))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    gpus.nvml.cache_clear()
    yield tmp_path / "processes"
    gpus.nvml.cache_clear()


def test_a_run_that_takes_more_of_a_gpu_than_gpu_memory_is_ended(
    library: Path, tmp_path: Path
) -> None:
    assert [gpu.name for gpu in gpus.gpus_of_machine()] == ["GPU-1", "GPU-2"]
    code = "import os, sys, time; open(sys.argv[1], 'w').write(f'{os.getpid()} {3 << 30}')\n"
    command = [sys.executable, "-S", "-c", f"{code}time.sleep(60)", str(library)]
    for limit, ending in ((4 << 30, Ending.TIME), (2 << 30, Ending.MEMORY)):
        limits = Limits(3, 60, 1 << 30, gpu_memory=limit)
        start = ProgramStart(command, tmp_path, {}, limits, "TRAINWRECK_ORDER=none")
        ended = run_child(start, lambda _: None, lambda _: False, lambda: False)
        assert ended.exit.ending is ending


def test_runs_of_a_campaign_with_gpus_see_the_gpu_of_their_slot(
    library: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "train.py").write_text(TRAIN)
    (folder / FILE_NAME).write_text(SETTINGS)
    settings = load_settings(folder / FILE_NAME, python=sys.executable)
    with Campaign(tmp_path / "campaign", settings, cache=tmp_path / "cache", jobs=2) as campaign:
        campaign.baseline()
    with CampaignFile.open(tmp_path / "campaign") as file:
        logs = {file.log(trial) for trial in file.finished_ids()}
        ((environment, _),) = file.environments()
    assert environment.origin["GPU use"] == "kernels that repeat"
    seen = {log.partition("\n")[0] for log in logs}
    rest = '":4096:8", "1", "--xla_gpu_deterministic_ops=true"]'
    assert seen <= {f'seen: ["GPU-1", {rest}', f'seen: ["GPU-2", {rest}'}
    assert all("order: True\n" in log for log in logs)
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
