"""Connects to a Ray cluster, and finds the nodes that may run trials."""

import logging
import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any

from trainwreck.engine import NOT_THERE
from trainwreck.engine.ray_folders import Folders, bring, lacks, on_node
from trainwreck.errors import Paused, UsageError
from trainwreck.interrupts import ASKING
from trainwreck.run.gpus import runs_on_one

STORE_BYTES = 100 << 20
"""The object store of a cluster that trainwreck starts: requests and results are small."""
ANSWER_SECONDS = 5.0
CHECK_SECONDS = 300.0
"""The time for a node to start its first worker and to answer."""
USUAL = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_memory_monitor_refresh_ms": "0"}
"""Variables for a cluster that trainwreck starts: it reports nothing, and our limits count."""
SHOWN = 3
VERSIONS = re.compile(r"Ray: (\S+)\s+Python: (\S+)")
"""The versions of a cluster, and then of the process that connects to it, as Ray names them."""

Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Needs:
    """The bytes of memory, the processors and the GPUs, or the share of one, that a task needs."""

    memory: int
    cpus: int = 1
    gpus: float = 0.0

    def number_in(self, resources: Mapping[str, float]) -> int:
        """Return how many tasks the resources of a node have room for at a time."""
        memory = resources.get("memory", 0) // max(1, self.memory)
        room = [resources.get("CPU", 0) // self.cpus, memory]
        if self.gpus:
            present = int(resources.get("GPU", 0))
            shares = self.gpus < 1
            room.append(present * runs_on_one(self.gpus) if shares else present // self.gpus)
        return int(min(room))


@contextmanager
def connected(address: str, jobs: int, needs: Needs, gpus: int = 0) -> Iterator[Mapping[str, str]]:
    """Connect to a cluster for a while; without an address, start one of this machine and end it.

    Yields the variables of the environment, without those that Ray sets.

    Args:
        address: ``HOST:PORT`` of its head, or ``auto`` for the one that runs on this machine.
        jobs: The number of tasks that a cluster which is started has room for.
        needs: What each of them needs.
        gpus: The number of GPUs of a cluster that is started.

    Raises:
        UsageError: The cluster does not answer, or has another version of Python or Ray.

    """
    import ray

    if ray.is_initialized():
        raise UsageError(
            "this process is connected to a Ray cluster already",
            "Call `ray.shutdown()` first.",
        )
    _check_answers(address)
    variables = dict(os.environ)
    handlers = {name: signal.getsignal(getattr(signal, name)) for name in ASKING}
    options: dict[str, Any] = {"address": address}
    if not address:
        os.environ.update({**USUAL, **variables})
        options = {
            "address": "local",
            "num_cpus": jobs * needs.cpus,
            "num_gpus": gpus,
            "_memory": jobs * needs.memory,
            "object_store_memory": STORE_BYTES,
            "include_dashboard": False,
        }
    try:
        _connect(address, options)
        for name, handler in handlers.items():
            signal.signal(getattr(signal, name), handler)
        yield variables
    finally:
        ray.shutdown()
        os.environ.clear()
        os.environ.update(variables)


def _connect(address: str, options: Mapping[str, Any]) -> None:
    import ray

    # Ray would advise on its token, which a cluster of one command makes and uses by itself.
    logging.getLogger("ray._private.authentication").setLevel(logging.ERROR)
    try:
        # What Ray prints goes to standard error, as all that is no result.
        with redirect_stdout(sys.stderr):
            ray.init(
                log_to_driver=False,
                configure_logging=False,
                logging_level=logging.ERROR,
                **options,
            )
    except Exception as error:  # noqa: BLE001 - Ray raises this very class
        raise _not_connected(address, error) from None


def _check_answers(address: str) -> None:
    """Raise UsageError where nothing listens at an address: Ray would wait for minutes."""
    if address in ("", "auto"):
        return
    host, _, port = address.rpartition(":")
    if "://" in address or not host or not port.isdecimal():
        raise UsageError(
            f"`{address}` is no address of a Ray cluster",
            "Write HOST:PORT of its head, as `ray start --head` prints it, or `auto`.",
        )
    try:
        socket.create_connection((host, int(port)), ANSWER_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise _not_connected(address, error) from None


def _not_connected(address: str, error: Exception) -> UsageError:
    reason = str(error).strip().partition("\n\n")[0] or type(error).__name__
    if not address:
        what = f"Ray cannot be started on this machine: {reason}"
        return UsageError(what, "Use `--engine local`.")
    if "ersion mismatch" in str(error):
        return UsageError(
            f"the Ray cluster at {address} has other versions: {_versions(str(error))}",
            "Start its nodes in the environment that trainwreck runs in.",
        )
    return UsageError(
        f"no Ray cluster answers at {address}: {reason}",
        "Start it with `ray start --head`, and write HOST:PORT as that prints it.",
    )


def _versions(mismatch: str) -> str:
    """Return the versions of a cluster and of this process, from Ray's message."""
    pairs = VERSIONS.findall(mismatch)
    if len(pairs) != len(("cluster", "here")):
        return " ".join(mismatch.split())
    there, here = (f"Ray {ray} and Python {python}" for ray, python in pairs)
    return f"{there}, where trainwreck has {here}"


@dataclass
class CheckedNodes:
    """The nodes of a cluster that are as this machine is, each asked once.

    Attributes:
        ask: Returns what must be alike, as text by name; called on each node and here.
        apart: Names of facts in which a node may differ, and is left out then.
        needs: What a task needs.
        say: Shows a sentence.
        folders: Folders that a node gets where it has none of them; None where it gets nothing.

    """

    ask: Callable[[], Facts]
    apart: frozenset[str]
    needs: Needs
    say: Callable[[str], None]
    folders: Folders | None = None
    _known: dict[str, bool] = field(default_factory=dict, init=False)
    _has_begun: bool = field(default=False, init=False)

    def __call__(self) -> dict[str, int]:
        """Return the nodes that may work, each with its number of slots.

        Raises:
            UsageError: A node has other versions or another program, or no node can work.
            Paused: No node is left.

        """
        import ray

        nodes = [node for node in ray.nodes() if node["Alive"]]
        slots = {node["NodeID"]: self.needs.number_in(node["Resources"]) for node in nodes}
        for node in nodes:
            if slots[node["NodeID"]] and node["NodeID"] not in self._known:
                self._known[node["NodeID"]] = self._may_work(node)
        found = {node: number for node, number in slots.items() if self._known.get(node) and number}
        if not found:
            # Nodes may come back; before the first one has worked, something is set up wrongly.
            raise (Paused if self._has_begun else UsageError)(
                "no node of the Ray cluster can run a trial here",
                "Start nodes of this machine's kind with processors, and with the memory and GPUs "
                "that [trials] asks for.",
            )
        self._has_begun = True
        return found

    def _may_work(self, node: Mapping[str, Any]) -> bool:
        """Return whether a node may work; one that joins later ends no campaign."""
        try:
            return self._is_usable(node)
        except UsageError as error:
            if not self._has_begun:
                raise
            self.say(f"{error.what[0].upper()}{error.what[1:]}; it is left out.")
            return False

    def _is_usable(self, node: Mapping[str, Any]) -> bool:
        """Return whether a node is of this machine's kind. Raises UsageError: see `__call__`."""
        name, here = _name(node), self.ask()
        if self.folders:
            self._bring(self.folders, node)
        there: Facts = _asked(node, _ask, self.ask)
        different = sorted(n for n in here.keys() | there.keys() if here.get(n) != there.get(n))
        if not different:
            return True
        changes = "; ".join(_change(n, there, here) for n in different[:SHOWN])
        if self.apart.intersection(different):
            self.say(f"The node {name} is another kind of machine, and is left out: {changes}.")
            return False
        raise UsageError(
            f"the node {name} of the Ray cluster differs from this machine: {changes}",
            "Give all nodes one environment, one version of trainwreck, and the same folders. "
            "Nodes may lack those of the program and of the campaign.",
        )

    def _bring(self, folders: Folders, node: Mapping[str, Any]) -> None:
        """Give a node the folders that it lacks. Raises UsageError: they cannot be made there."""
        if not _asked(node, lacks, folders.program, folders.campaign):
            return
        folders.nodes.add(node["NodeID"])
        if problem := _asked(node, _problem_of_bringing, [folders.reference()]):
            raise UsageError(
                f"the node {_name(node)} of the Ray cluster lacks the folders {folders.program} "
                f"and {folders.campaign}, and they cannot be made there: {problem}",
                "Give all nodes both folders at the same paths, or the right to make them.",
            )


def _asked(node: Mapping[str, Any], question: Callable[..., Any], *about: Any) -> Any:
    """Return the answer of a node. Raises UsageError: it cannot run trainwreck."""
    import ray

    try:
        asked = on_node(question, node["NodeID"]).remote(*about)
        return ray.get(asked, timeout=CHECK_SECONDS)
    except Exception as error:  # noqa: BLE001 - whatever a worker without trainwreck raises
        raise UsageError(
            f"the node {_name(node)} of the Ray cluster cannot run trainwreck: {_last_line(error)}",
            "Start its nodes in the environment that trainwreck runs in.",
        ) from None


def _problem_of_bringing(reference: list[Any]) -> str:
    """Bring folders to this node; return why they could not be made, if so."""
    import ray

    try:
        bring(ray.get(*reference))
    except OSError as error:
        return str(error)
    return ""


def living_nodes() -> set[str]:
    """Return the nodes that the cluster believes to be alive."""
    import ray

    return {node["NodeID"] for node in ray.nodes() if node["Alive"]}


def name_of(node_id: str) -> str:
    """Return the name of a node for people."""
    import ray

    return next((_name(node) for node in ray.nodes() if node["NodeID"] == node_id), node_id[:8])


def _name(node: Mapping[str, Any]) -> str:
    return f"{node['NodeManagerHostname']} ({node['NodeID'][:8]})"


def _change(name: str, there: Facts, here: Facts) -> str:
    """Return how a fact about a node differs from the one about this machine."""
    value = there.get(name, NOT_THERE)
    if value == NOT_THERE:
        return f"{name} is not there"
    return f"{name} is {value}, and {here.get(name, NOT_THERE)} here"


def _ask(ask: Callable[[], Facts]) -> Facts:
    return dict(ask())


def _last_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__
