"""Pictures of the HTML report of the committed campaign: ``python tools/screenshots.py``.

They go into docs/pictures. Chromium, its driver and the packages of ``.[dev]`` are needed.
"""

import base64
import sys
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from trainwreck import Campaign

ROOT = Path(__file__).resolve().parents[1]
RECORDS = ROOT / "results" / "keras.jsonl.xz"
PICTURES = ROOT / "docs" / "pictures"
COLOURS = 128
sys.path.insert(0, str(ROOT / "tests"))


@dataclass(frozen=True)
class View:
    """One view as a reader sees it: its address, its size in points, and the dots of a point."""

    name: str
    address: str
    width: int
    height: int
    scheme: str = "light"
    dots: float = 1.0


VIEWS = (
    View("report-overview", "/", 1280, 1000),
    View("report-bug", "/bug/4bdd94971afc152c", 1280, 1250, "dark"),
    View("report-bugs", "/bugs?fate=hurts", 1280, 800),
    View("report-phone", "/hurt", 390, 844, "dark", 2.0),
)


def main() -> None:
    """Write every picture, and print its size."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        Campaign.import_records(RECORDS, folder / "campaign")
        Campaign.open(folder / "campaign").write_html(folder / "report.html")
        with import_module("browsing").browser(folder / "profile") as driver:
            for view in VIEWS:
                picture = compressed(taken(driver, folder / "report.html", view))
                (PICTURES / f"{view.name}.png").write_bytes(picture)
                print(f"{view.name}.png: {len(picture) / 1000:.0f} kB")


def taken(driver: Any, report: Path, view: View) -> bytes:
    """Return what a reader sees of a view, as PNG."""
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": view.scheme}]},
    )
    size = {"width": view.width, "height": view.height}
    screen = {**size, "deviceScaleFactor": view.dots, "mobile": view.width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    page = import_module("browsing").Page(driver, report).open(view.address)
    assert page.all("main h2")
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    return base64.b64decode(shot["data"])


def compressed(png: bytes) -> bytes:
    """Return a picture with few colours, which is several times smaller."""
    from PIL import Image

    out = BytesIO()
    Image.open(BytesIO(png)).convert("RGB").quantize(COLOURS).save(out, "png", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
