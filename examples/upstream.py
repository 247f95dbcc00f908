"""Fetches the example programs that other projects ship, unmodified, from the package index.

``python examples/upstream.py`` puts each beside its ``trainwreck.toml``. They keep their own licences.
"""

import hashlib
import io
import os
import re
import sys
import tarfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

INDEX = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Program:
    """A file of a source distribution, with the hash of the file, and the example's folder."""

    folder: str
    project: str
    distribution: str
    file: str
    sha256: str


PROGRAMS = (
    Program(
        "flax",
        "flax",
        "flax-0.12.8.tar.gz",
        "examples/nnx_toy_examples/02_lifted_transforms.py",
        "d76ddbc80e566386c2fe5504a1a0f3313387db136d1f1eebe6ec19714586a297",
    ),
    Program(
        "digits",
        "scikit-learn",
        "scikit_learn-1.9.1.tar.gz",
        "examples/classification/plot_digits_classification.py",
        "41d1cdf9c08608c55cebb8881dcee4bbc37f5ae05557c4b941aa612b02b39220",
    ),
    Program(
        "perceptrons",
        "scikit-learn",
        "scikit_learn-1.9.1.tar.gz",
        "examples/neural_networks/plot_mlp_training_curves.py",
        "7c119cb024512137ad1148a35fcab16774d7ad9cf852ca6a925d6f4e5b35e271",
    ),
)


def fetch(program: Program) -> Path:
    """Return the path of the program; download it where it is not there.

    Raises OSError without a network, and ValueError where the index has something else.
    """
    path = HERE / program.folder / Path(program.file).name
    if not path.exists():
        content = _member(_download(program), program)
        if hashlib.sha256(content).hexdigest() != program.sha256:
            raise ValueError(f"{program.file} of {program.distribution} is not the file expected")
        path.write_bytes(content)
    return path


def _download(program: Program) -> bytes:
    page = f"{INDEX}/{program.project}/"
    with urllib.request.urlopen(page) as answer:
        html = answer.read().decode()
    link = re.search(rf'href="([^"]*/{re.escape(program.distribution)}[^"]*)"', html)
    if link is None:
        raise ValueError(f"{page} has no {program.distribution}")
    with urllib.request.urlopen(urljoin(page, link[1])) as answer:
        return bytes(answer.read())


def _member(archive: bytes, program: Program) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        top = program.distribution.removesuffix(".tar.gz")
        file = opened.extractfile(f"{top}/{program.file}")
        if file is None:
            raise ValueError(f"{program.distribution} has no {program.file}")
        return file.read()


if __name__ == "__main__":
    for each in PROGRAMS:
        print(fetch(each).relative_to(HERE.parent), file=sys.stderr)
