"""On systems other than Linux, one sentence says so, and no traceback."""

import subprocess
import sys

import pytest

import trainwreck
from trainwreck.__main__ import main


@pytest.mark.parametrize(
    ("platform", "name", "way"),
    [
        ("darwin", "this is macOS", "Linux container"),
        ("win32", "this is Windows", "WSL 2"),
        ("cygwin", "this is Windows", "WSL 2"),
        ("freebsd14", "this is freebsd14", "Linux machine"),
    ],
)
def test_main_on_another_system_names_it_and_a_way(
    platform: str,
    name: str,
    way: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == 1
    assert printed.out == ""
    first, second = printed.err.splitlines()
    assert first.startswith("trainwreck: trainwreck runs on Linux only")
    assert name in first
    assert way in second


@pytest.mark.parametrize("use", [lambda: trainwreck.Campaign, lambda: trainwreck.open("x")])
def test_open_and_campaign_on_another_system_raise_one_sentence(
    use: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ImportError, match=r"runs on Linux only.*Windows.*WSL 2"):
        use()  # type: ignore[operator]


@pytest.mark.process
def test_main_on_another_system_imports_nothing_that_only_linux_has() -> None:
    """The refusal comes before modules like `fcntl` and `pwd`, which Windows lacks."""
    code = (
        "import sys; sys.platform = 'win32'\n"
        "sys.modules['fcntl'] = sys.modules['pwd'] = sys.modules['resource'] = None\n"
        "from trainwreck.__main__ import main; main()"
    )
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "this is Windows" in ended.stderr
