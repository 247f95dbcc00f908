"""The environment variables of a trial."""

import site
from collections.abc import Collection, Mapping
from pathlib import Path

from trainwreck.model.credentials import credentials_in
from trainwreck.subject.interpreter import NOT_INHERITED

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
TRACKERS_OFFLINE = {
    "WANDB_MODE": "offline",
    "NEPTUNE_MODE": "offline",
    "COMET_MODE": "OFFLINE",
    "COMET_START_ONLINE": "0",
    "CLEARML_OFFLINE_MODE": "1",
    "SWANLAB_MODE": "offline",
    "DVC_STUDIO_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""Keeps the results of thousands of buggy runs out of the user's accounts."""
TRACKING_SERVERS = {"MLFLOW_TRACKING_URI": "mlruns"}
"""Variables that name a server for results, with the folder that is used instead."""
HUBS_OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
"""Makes libraries use what they have fetched, instead of waiting for a network that is closed."""


def kept_variables(
    environment: Mapping[str, str], credentials: Collection[str], is_online: bool
) -> dict[str, str]:
    """Return the variables that a trial inherits, with trackers and hubs kept offline.

    Args:
        environment: The user's own variables.
        credentials: Names of credentials that are not withheld.
        is_online: Whether the trial reaches the network.

    """
    withheld = {*NOT_INHERITED, *credentials_in(environment, credentials)}
    kept = {name: value for name, value in environment.items() if name not in withheld}
    servers = {name: folder for name, folder in TRACKING_SERVERS.items() if name in environment}
    hubs = {} if is_online else HUBS_OFFLINE
    return {**kept, **TRACKERS_OFFLINE, **servers, **hubs}


def fixed_variables(threads: int) -> dict[str, str]:
    """Return the variables that are the same in every trial, as they could change results."""
    return {
        **dict.fromkeys(THREAD_VARIABLES, str(threads)),
        # The order of a set of texts depends on this seed.
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
    }


def variables_of_home(home: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return what makes a folder the program's home, where the user's packages stay importable.

    Folders below the user's home that variables name lie at the same place in the other one.

    Args:
        home: The folder.
        environment: The user's own variables.

    """
    user_home = environment.get("HOME", "")
    moved = {
        name: str(home / Path(value).relative_to(user_home))
        for name, value in environment.items()
        if name in FOLDERS_OF_CACHES and user_home and Path(value).is_relative_to(user_home)
    }
    packages = environment.get("PYTHONUSERBASE") or site.getuserbase()
    return {**moved, "HOME": str(home), "PYTHONUSERBASE": packages}


FOLDERS_OF_CACHES = (
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "HF_HOME",
    "HF_DATASETS_CACHE",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "TRANSFORMERS_CACHE",
    "TORCH_HOME",
    "KERAS_HOME",
    "MPLCONFIGDIR",
    "NLTK_DATA",
    "NUMBA_CACHE_DIR",
    "TRITON_CACHE_DIR",
    "TORCHINDUCTOR_CACHE_DIR",
    "TFHUB_CACHE_DIR",
    "TFDS_DATA_DIR",
)
"""Variables that name folders which libraries fill."""
