"""Reads from the text of a program what its command line takes, without running it."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from trainwreck.model.proposal import SeedPlace, SeedWay
from trainwreck.source import UnreadableSource, decode
from trainwreck.subject.commands import divide_command
from trainwreck.subject.phase_markers import COMMENT

MOST_FILES = 300
SEED = re.compile(
    r"-*(?:(?:random|rng|manual|global|torch|np|numpy|base|init|train(?:ing)?)[-_]?)?seed"
    r"(?:[-_]everything)?|-*random[-_]state",
    re.IGNORECASE,
)
"""The name of an option, variable or argument that holds a seed."""
SHORTER = re.compile(
    r"epoch|iter|step|max|limit|num|sample|round|episode|estimator|size|subset|fast|debug|dry|tiny",
    re.IGNORECASE,
)
"""The name of an option that may make a run shorter."""
ADDERS = ("add_argument", "add_option", "option", "Option", "add_arg")
ABSL = re.compile(r"DEFINE_\w+")
OF_TRAINER = ("--seed", "--max_steps", "--num_train_epochs")
"""Options that every program has which reads `TrainingArguments` of Hugging Face."""
HYDRA = ("conf/config.yaml", "config/config.yaml", "configs/config.yaml", "*.yaml")
HASH_SEED = "PYTHONHASHSEED"
PARSERS_OF_CLASSES = ("cli", "HfArgumentParser", "ArgumentParser", "run", "parse")
"""Functions, such as `tyro.cli`, whose arguments are classes with a field for each option."""


@dataclass(frozen=True, slots=True)
class ProgramOption:
    """An option of the program, with the file and the line that define it."""

    name: str
    where: str


@dataclass(frozen=True, slots=True)
class ProgramText:
    """The program's own files that a command leads to, and what their text says.

    ``entry`` is the file that the command runs, empty where that is no file of the folder.
    ``packages`` are the names that the files import. ``problem`` is why the entry cannot be parsed.
    """

    entry: str = ""
    files: tuple[str, ...] = ()
    options: tuple[ProgramOption, ...] = ()
    seed: SeedPlace = field(default_factory=SeedPlace)
    packages: frozenset[str] = frozenset()
    has_marks: bool = False
    problem: str = ""

    def shorter(self) -> list[str]:
        """Return the options that may make a run shorter, those about its length first."""
        names = [o.name for o in self.options if SHORTER.search(o.name)]
        length = ("epoch", "step", "iter", "round")
        return sorted(dict.fromkeys(names), key=lambda n: not any(w in n.lower() for w in length))


def read_program(folder: Path, command: Sequence[str]) -> ProgramText:
    """Read the files that a command runs, and those of the folder that these import."""
    entry = entry_of(folder, command)
    if entry is None:
        return ProgramText()
    trees: dict[Path, ast.Module] = {}
    waiting, problem, has_marks = [entry], "", False
    while waiting and len(trees) < MOST_FILES:
        path = waiting.pop(0)
        if path in trees:
            continue
        try:
            text = decode(path.read_bytes()).text
            tree = ast.parse(text)
        except (OSError, SyntaxError, ValueError, UnreadableSource, RecursionError) as error:
            problem = problem or (str(error) if path == entry else "")
            tree, text = ast.Module([], []), ""
        trees[path] = tree
        has_marks = has_marks or COMMENT.search(text) is not None
        waiting += _local_imports(tree, path, (entry.parent, folder))
    options = [o for path, tree in trees.items() for o in _options(tree, _name(path, folder))]
    packages = frozenset(name for tree in trees.values() for name in _imported(tree))
    for path, tree in trees.items():
        options += _options_of_functions(tree, _name(path, folder), command)
    options += _overrides(folder) if "hydra" in packages else []
    return ProgramText(
        entry=_name(entry, folder),
        files=tuple(_name(path, folder) for path in trees),
        options=tuple(options),
        seed=_seed(options, [(_name(path, folder), tree) for path, tree in trees.items()]),
        packages=packages,
        has_marks=has_marks,
        problem=problem,
    )


def entry_of(folder: Path, command: Sequence[str]) -> Path | None:
    """Return the program's own file that a command runs, also by a launcher."""
    words = divide_command(command)[1]
    for before, word in zip(["", *words], words, strict=False):
        path = folder / word
        if word.endswith(".py") and path.is_file():
            return path
        if before != "-m":
            if before == "" and (path / "__main__.py").is_file() and not word.startswith("-"):
                return path / "__main__.py"
            continue
        module = folder.joinpath(*word.split("."))
        for file in (module / "__main__.py", module.with_suffix(".py")):
            if file.is_file():
                return file
    return None


def with_seed(
    command: Sequence[str], seed: SeedPlace, entry: str
) -> tuple[tuple[str, ...], dict[str, str]] | None:
    """Return a command and variables that hand ``{seed}`` to the program; None where none can.

    Args:
        command: The words that Python runs.
        seed: How the program takes the seed.
        entry: The program's own file.

    """
    words = list(command)
    if seed.way is SeedWay.VARIABLE:
        return tuple(words), {seed.name: "{seed}"}
    if seed.way is SeedWay.OPTION:
        return tuple(_with_option(words, seed.name)), {}
    if seed.way is SeedWay.ARGUMENT and entry in words:
        place = words.index(entry) + int(seed.name)
        if place < len(words) and not words[place].lstrip("-").isdecimal():
            return None
        if place <= len(words):
            words[place : place + 1] = ["{seed}"]
            return tuple(words), {}
    return None


def _with_option(words: list[str], name: str) -> list[str]:
    is_override = not name.startswith("-")
    for index, word in enumerate(words):
        if word.startswith(f"{name}="):
            return [*words[:index], f"{name}={{seed}}", *words[index + 1 :]]
        if word == name and not is_override:
            return [*words[: index + 1], "{seed}", *words[index + 2 :]]
    return [*words, f"{name}={{seed}}"] if is_override else [*words, name, "{seed}"]


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def _local_imports(tree: ast.AST, path: Path, folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the files of the program that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _modules(alias.name, folders)
        elif isinstance(node, ast.ImportFrom):
            bases = folders if not node.level else [_above(path, node.level)]
            module = node.module or ""
            yield from _modules(module, bases)
            for alias in node.names:
                yield from _modules(f"{module}.{alias.name}".strip("."), bases)


def _above(path: Path, level: int) -> Path:
    return path.parents[min(level, len(path.parents)) - 1]


def _modules(name: str, folders: Iterable[Path]) -> Iterator[Path]:
    if not name:
        return
    for folder in folders:
        path = folder.joinpath(*name.split("."))
        files = (path.with_name(f"{path.name}.py"), path / "__init__.py")
        if found := next((file for file in files if file.is_file()), None):
            yield found
            return


def _options(tree: ast.AST, file: str) -> Iterator[ProgramOption]:
    """Yield the options that a file defines."""
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function, where = _called(node), f"{file}:{node.lineno}"
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        if function in ADDERS:
            named = [t for t in texts if isinstance(t, str) and t.startswith("-")]
            yield from (ProgramOption(name, where) for name in sorted(named, key=_is_short))
        elif ABSL.fullmatch(function) and texts and isinstance(texts[0], str):
            yield ProgramOption(f"--{texts[0]}", where)
        elif function in PARSERS_OF_CLASSES:
            names = {n.id for a in node.args for n in ast.walk(a) if isinstance(n, ast.Name)}
            if "TrainingArguments" in names or "Seq2SeqTrainingArguments" in names:
                yield from (ProgramOption(name, where) for name in OF_TRAINER)
            for name in sorted(names & classes.keys()):
                yield from _fields(classes[name], file)


def _options_of_functions(
    tree: ast.Module, file: str, words: Collection[str]
) -> Iterator[ProgramOption]:
    """Yield the arguments of the function that Fire or Typer makes options of.

    Of several, it is the one that ``words``, those of the command, name.
    """
    packages = set(_imported(tree))
    if "fire" not in packages and "typer" not in packages:
        return
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    is_fire = any(_called(call) == "Fire" for call in calls)
    given = {_last_name(a) for call in calls if _called(call) in ("Fire", "run") for a in call.args}
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    commands = [f for f in functions.values() if f.name in given or _is_command(f)]
    if is_fire and not commands:
        commands = [f for f in functions.values() if not f.name.startswith("_")]
    for function in commands:
        if len(commands) == 1 or {function.name, function.name.replace("_", "-")} & set(words):
            for name in _with_default(function.args):
                option = name if is_fire else name.replace("_", "-")
                yield ProgramOption(f"--{option}", f"{file}:{function.lineno}")


def _is_command(function: ast.FunctionDef) -> bool:
    calls = [node for node in function.decorator_list if isinstance(node, ast.Call)]
    return any(_called(call) == "command" for call in calls)


def _with_default(arguments: ast.arguments) -> Iterator[str]:
    """Yield the arguments of a function that a caller may leave out."""
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    yield from (each.arg for each in (*with_default, *arguments.kwonlyargs))


def _overrides(folder: Path) -> list[ProgramOption]:
    """Return the keys of Hydra's files of settings, which ``key=value`` overrides."""
    files = [path for name in HYDRA for path in sorted(folder.glob(name))][:MOST_FILES]
    return [
        ProgramOption(key[1], f"{_name(path, folder)}:{number}")
        for path in files
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if (key := re.match(r"(\w+):", line))
    ]


def _is_short(name: str) -> bool:
    return not name.startswith("--")


def _fields(node: ast.ClassDef, file: str) -> Iterator[ProgramOption]:
    for field_ in node.body:
        if isinstance(field_, ast.AnnAssign) and isinstance(field_.target, ast.Name):
            yield ProgramOption(f"--{field_.target.id}", f"{file}:{field_.lineno}")


def _called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _seed(options: Sequence[ProgramOption], trees: Iterable[tuple[str, ast.Module]]) -> SeedPlace:
    """Return how the program takes a seed: by an option, an argument or a variable."""
    named = [option for option in options if SEED.fullmatch(option.name)]
    if named:
        best = min(named, key=lambda option: len(option.name))
        return SeedPlace(SeedWay.OPTION, best.name, best.where)
    for file, tree in trees:
        for node in ast.walk(tree):
            if place := _seed_of(node):
                return replace(place, where=f"{file}:{getattr(node, 'lineno', 1)}")
    return SeedPlace()


def _seed_of(node: ast.AST) -> SeedPlace | None:
    """Return how an assignment or a call takes a seed from outside of the program."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [_last_name(target) for target in targets]
        if any(SEED.fullmatch(name) for name in names):
            return _outside(node.value, is_seed=True)
    if isinstance(node, ast.Call) and re.search(r"seed", _called(node), re.IGNORECASE):
        return next(filter(None, (_outside(a, is_seed=True) for a in node.args)), None)
    if isinstance(node, ast.Call | ast.Subscript):
        return _outside(node, is_seed=False)
    return None


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _outside(value: ast.AST, is_seed: bool) -> SeedPlace | None:
    """Return the argument or the variable of the environment that an expression reads."""
    for node in ast.walk(value):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            owner, key = _last_name(node.value), node.slice.value
            if owner == "argv" and isinstance(key, int) and key > 0 and is_seed:
                return SeedPlace(SeedWay.ARGUMENT, str(key))
            if owner == "environ" and _is_seed_variable(key, is_seed):
                return SeedPlace(SeedWay.VARIABLE, str(key))
        elif isinstance(node, ast.Call) and node.args and _reads_environment(node):
            key = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
            if _is_seed_variable(key, is_seed):
                return SeedPlace(SeedWay.VARIABLE, str(key))
    return None


def _reads_environment(node: ast.Call) -> bool:
    function = node.func
    if not isinstance(function, ast.Attribute):
        return isinstance(function, ast.Name) and function.id == "getenv"
    return function.attr == "getenv" or (
        function.attr == "get" and _last_name(function.value) == "environ"
    )


def _is_seed_variable(key: object, is_seed: bool) -> bool:
    if not isinstance(key, str) or key == HASH_SEED or key.startswith("TRAINWRECK_"):
        return False
    return is_seed or SEED.fullmatch(key) is not None
