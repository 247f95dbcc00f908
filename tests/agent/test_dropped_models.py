"""Models that the program drops, with PyTorch itself where an environment has it."""

from pathlib import Path

import pytest
from test_guest import FRAMEWORKS, Ended, run

BEGIN = f"""
import copy, gc, sys
sys.path.remove({str(FRAMEWORKS)!r})
"""
NETS = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Linear(100, 400), nn.BatchNorm1d(400), nn.ReLU())
        self.last = nn.Linear(400, 2)

    def forward(self, x):
        return self.last(self.first(x))

def train(rate=0.1):
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    for _ in range(2):
        optimizer.zero_grad()
        net(torch.randn(8, 100)).pow(2).mean().backward()
        optimizer.step()
    return net
"""
NET = {"kind": "parameters", "what": "torch Net", "arrays": 9}


@pytest.fixture(scope="module")
def python(user_cache: Path) -> str:
    """An interpreter whose environment has PyTorch."""
    for package in sorted(user_cache.glob("environments/*/lib/python3*/site-packages/torch")):
        return str(package.parents[3] / "bin" / "python")
    pytest.skip("no environment of this user has PyTorch")


def ran(python: str, folder: Path, end: str) -> Ended:
    folder.mkdir(exist_ok=True)
    done = run(python, folder, BEGIN + NETS + end, digest=True)
    assert (done.code, done.of("trouble")) == (0, []), done.output
    return done


def test_a_model_local_to_a_function_has_its_digest_whenever_it_goes(
    python: str, tmp_path: Path
) -> None:
    local = "def main():\n    net = train()\n    copy.deepcopy(net)\n    {}\nmain()"
    cycle = "net.trainer = {'model': net}"
    (gone,) = ran(python, tmp_path / "gone", local.format("pass")).of("digest")
    (left,) = ran(python, tmp_path / "left", local.format(cycle)).of("digest")
    assert gone == left
    assert (gone["unread"], gone["covers"]) == ([], [{**NET, "models": 2}])
    assert len(gone["parameters"]) == 64


def test_no_more_tensors_live_than_without_the_agent(python: str, tmp_path: Path) -> None:
    search = """
sizes = []
for _ in range(20):
    net = train()
    kinds = (torch.Tensor, nn.Parameter)
    sizes.append(sum(v.numel() for v in gc.get_objects() if type(v) in kinds))
    v = None
print(0 < max(sizes) <= 1.05 * sizes[0], sizes)
"""
    done = ran(python, tmp_path, search)
    assert done.output.startswith("True"), done.output
    (digest,) = done.of("digest")
    assert digest["covers"] == [{**NET, "models": 20}]
