"""Prepares the folders of one trial: working copy, mutated files, the agent's order and events."""

import copy
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from trainwreck.model import APP, FILES, FIRST, Level, Means, Trial, TrialKind
from trainwreck.model.placeholders import fill
from trainwreck.model.slot import Slot
from trainwreck.run.agent_events import OTHER_FILES
from trainwreck.run.containment import Containment
from trainwreck.run.context import RunContext
from trainwreck.run.events import Events
from trainwreck.run.gpus import gpu_variables
from trainwreck.run.home import copy_all, copy_into_home, link_into_home
from trainwreck.run.instructions import Instructions
from trainwreck.run.kept_copies import KeptCopies
from trainwreck.run.metric_files import MetricFiles
from trainwreck.run.orders import Order, OrderFolders, StemOrder
from trainwreck.run.other_files import OtherFiles
from trainwreck.run.outputs import Outputs
from trainwreck.run.private_views import TEMPORARY, TrialFolders, plan_of, set_inputs_apart
from trainwreck.run.removal import remove_tree, renew_folder
from trainwreck.run.scratch import copy_subject
from trainwreck.run.short_path import forget_short_name, short_name
from trainwreck.run.variables import fixed_variables, kept_variables, variables_of_home
from trainwreck.run.written_files import own_paths
from trainwreck.subject.commands import divide_command
from trainwreck.subject.interpreter import AGENT, SCRIPTS
from trainwreck.subject.pythons import is_environment

ORDER_VARIABLE = "TRAINWRECK_ORDER"
WORK = ".work"
"""The ending of folders beside those of private views, which the kernel works in."""


class Sandbox:
    """The folders of one trial, below the folder of its slot.

    Their paths are the same for every trial of the slot, because a program's results may depend on
    a path. ``app`` is the working copy. ``shown`` has the mutated file of a library, for readers
    of source. ``code`` has the files that the agent compiles instead of the clean ones.
    ``outputs`` are the files that the program writes into the working copy, and ``metric_files``
    those in which its metrics are. With ``is_fetching`` the trial may use the network, and what it
    fetches is for all later ones. ``copies`` are working copies that earlier trials have left.
    """

    def __init__(
        self,
        context: RunContext,
        slot: Slot,
        trial: Trial,
        instructions: Instructions,
        copies: KeptCopies | None = None,
    ) -> None:
        self._context = context
        self._trial = trial
        self._instructions = instructions
        self._slot = slot
        self._copies = copies if context.policy.means else None
        self._stem: StemOrder | None = None
        self.folder = slot.folder
        self.app = self.folder / "app"
        self.shown = self.folder / "shown"
        self.code = self.folder / "code"
        self.events = self.folder / "events"
        self.temporary = self.folder / "tmp"
        self.cache = self.folder / "cache"
        self.home = self.folder / "home"
        self.private = self.folder / "private"
        self.order = self.folder / "order.json"
        self.is_fetching = self._is_first()
        self.outputs = Outputs(self.app, context.subject.outputs)
        self.metric_files = MetricFiles(self.app, context.subject.metrics)
        is_first_seed = trial.kind is TrialKind.CLEAN and trial.draw == FIRST
        self._others = OtherFiles(self.app, self._patterns) if is_first_seed else None

    @property
    def _patterns(self) -> list[str]:
        """Return the patterns of the files that verdicts use."""
        subject = self._context.subject
        return [*(metric.file for metric in subject.metrics if metric.file), *subject.outputs]

    def _is_first(self) -> bool:
        """Return whether this is the first clean run, which fetches what all others find."""
        is_clean = self._trial.kind in (TrialKind.WARMING, TrialKind.CLEAN)
        is_kept_apart = self._context.policy.level is not Level.NONE
        return is_clean and is_kept_apart and not self._context.fetched.is_dir()

    def prepare(self, stem: StemOrder | None = None) -> None:
        """Create the folders, plant the mutant, and write the agent's order.

        Raises TrainwreckError where the file to mutate has changed, and OSError where the folders
        cannot be made.

        Args:
            stem: What the agent is to do where the trial is a stem.

        """
        self._stem = stem
        renew_folder(self.folder)
        context = self._context
        if self._copies:
            self._copies.fill(self.app, context.folder, context.campaign, self._copy)
        else:
            self._copy()
        self.outputs.begin()
        self.metric_files.begin()
        if self._others:
            self._others.begin()
        self.events.mkdir()
        for folder in (self.temporary, self.home, self.private):
            folder.mkdir()
        self._fill_home()
        self._fill_cache()
        if self._context.agent:
            self.write_order()

    def _copy(self) -> None:
        context = self._context
        own = own_paths(context.folder, self._patterns)
        links = context.policy.has_links
        copy_subject(context.folder, self.app, context.campaign, own, links=links)

    def shared_with(self, trial: Trial, instructions: Instructions, events: str) -> "Sandbox":
        """Return the sandbox of a trial that goes on in these folders, with events of its own.

        What the files were before the run is known from this one.

        Args:
            trial: The trial.
            instructions: Its instructions.
            events: The name of its folder of events, which is created.

        """
        shared = copy.copy(self)
        shared._trial, shared._instructions, shared._stem = trial, instructions, None
        shared.events = self.folder / events
        shared.events.mkdir()
        return shared

    def remove(self) -> None:
        """Remove all folders of the trial, but for a copy that the next one is to have."""
        forget_short_name(self.temporary)
        if self._copies:
            self._copies.keep(self.app)
        remove_tree(self.folder)

    def command(self) -> list[str]:
        """Return the command of the program, with seed, fold and data filled in."""
        words = [self._fill(word) for word in self._context.subject.command]
        options, program = divide_command(words)
        launcher = [str(SCRIPTS / "launch.py")] if self._context.agent else []
        return [self._context.executable, *options, *launcher, *program]

    def environment(self) -> dict[str, str]:
        """Return the user's environment variables, fixed where they could change results."""
        context = self._context
        policy = context.policy
        is_online = policy.is_online or self.is_fetching
        environment = kept_variables(os.environ, policy.credentials, is_online)
        environment |= fixed_variables(context.subject.threads)
        environment |= {
            "TMPDIR": self._temporary_name(),
            "TRAINWRECK_SEED": str(self._trial.seed),
            "TRAINWRECK_FOLD": str(self._trial.fold),
            "TRAINWRECK_FOLDS": str(context.folds),
            ORDER_VARIABLE: str(self.order),
        }
        if policy.has_own_home:
            environment |= variables_of_home(self.home, os.environ)
        environment["PATH"] = self._path(environment.get("PATH", os.defpath))
        own = {name: self._fill(value) for name, value in context.subject.env}
        environment |= gpu_variables(self._slot.device, environment, own) if context.gpus else own
        if context.agent:
            paths = [str(AGENT), environment.get("PYTHONPATH", "")]
            environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
        return environment

    def containment(self, command: Sequence[str], environment: Mapping[str, str]) -> Containment:
        """Return what the trial may write and reach, with this command and these variables."""
        folders = TrialFolders(self.folder, self.temporary, self.private)
        return plan_of(
            self._context,
            folders,
            environment=environment,
            command=command,
            is_fetching=self.is_fetching,
        )

    def _temporary_name(self) -> str:
        """Return the name of the temporary folder: short, as paths of sockets are limited."""
        if self._context.policy.means is Means.MOUNTS:
            return str(TEMPORARY[0])
        return str(short_name(self.temporary))

    def _path(self, path: str) -> str:
        """Return the search path with an environment's programs first, as if it were active.

        A script that starts `python` means the interpreter that it runs on.
        """
        executable = self._context.executable
        if not is_environment(executable):
            return path
        return os.pathsep.join([str(Path(executable).parent), path])

    def written_files(self) -> dict[str, Any]:
        """Return the observations of the files that the program has written."""
        observed: dict[str, Any] = {}
        if self._context.subject.outputs:
            observed[FILES] = self.outputs.written()
        if self._others and (others := self._others.written()):
            observed[OTHER_FILES] = others
        return observed

    def keep_cache(self) -> None:
        """Keep what this trial compiled for all later ones."""
        if self._context.subject.keeps_cache:
            remove_tree(self._context.warm)
            self.cache.mkdir(exist_ok=True)  # The program may have removed it.
            self.cache.rename(self._context.warm)

    def _fill_cache(self) -> None:
        """Give this trial its own copy of the compiled code.

        A mutant in a code generator must not reach another trial.
        """
        if not self._context.subject.keeps_cache:
            return
        if self._trial.kind is not TrialKind.WARMING and self._context.warm.is_dir():
            shutil.copytree(self._context.warm, self.cache, symlinks=True)
        else:
            self.cache.mkdir()

    def keep_fetched(self) -> None:
        """Keep what this trial wrote to private views, or to its home, for all later ones."""
        kept = self.home if self._context.policy.has_own_home else self.private
        remove_tree(self._context.fetched)
        kept.mkdir(exist_ok=True)  # The program may have removed it.
        for work in kept.glob(f"*{WORK}"):
            remove_tree(work)
        if self._context.policy.means is Means.MOUNTS:
            set_inputs_apart(self._context, kept, self.environment())
        with suppress(OSError):  # Another clean run, at the same time, has kept its own.
            kept.rename(self._context.fetched)

    def _fill_home(self) -> None:
        """Put into a home of the trial's own what the program needs there."""
        policy = self._context.policy
        if policy.has_own_home and self._context.fetched.is_dir():
            copy_all(self._context.fetched, self.home)
        elif policy.means is Means.LANDLOCK:
            link_into_home(self.home)
        elif policy.level is Level.COPY:
            copy_into_home(self.home, policy.writable)

    def _fill(self, text: str) -> str:
        """Replace the placeholders of the settings by their values for this trial."""
        values = {
            "seed": str(self._trial.seed),
            "fold": str(self._trial.fold),
            "folds": str(self._context.folds),
            "data": str(self._context.data or ""),
            "cache": str(self.cache),
        }
        return fill(text, values)

    def restore(self, text: str) -> str:
        """Replace the paths of this trial's copies by paths relative to their root."""
        for folder in (self.app, self.code, *set(self._context.bases.values())):
            text = text.replace(f"{folder}{os.sep}", "")
        return text

    def restore_covered(self, events: Events) -> dict[str, dict[tuple[str, str], list[int]]]:
        """Return the executed lines by phase, then by (root, file)."""
        return {
            phase: {self._root_and_file(Path(path)): lines for path, lines in files.items()}
            for phase, files in events.covered.items()
        }

    def _root_and_file(self, path: Path) -> tuple[str, str]:
        """Return root and POSIX path of a file; the root is empty outside program and libraries."""
        if path.is_relative_to(self.app):
            return APP, path.relative_to(self.app).as_posix()
        for root, base in self._context.bases.items():
            if path.is_relative_to(base):
                file = path.relative_to(base).as_posix()
                if file.split("/")[0].removesuffix(".py") == root:
                    return root, file
        return "", path.as_posix()

    def write_order(self) -> None:
        """Plant the mutant, and write what the agent is to do."""
        order = Order(
            self._context,
            self._trial,
            self._instructions,
            OrderFolders(self.app, self.shown, self.code, self.events),
            self._slot.cpus,
            network=self.is_fetching and not self._context.policy.is_online,
            stem=self._stem,
        )
        self.order.write_text(json.dumps(order.write()), encoding="utf-8")
