"""Imports under the agent: specs and loaders are Python's own, and handlers run all the same."""

from pathlib import Path

import pytest
from test_guest import entry, python, run

from guest import AGENT

__all__ = ["python"]

FRAMEWORK = """
def manual_seed(value):
    print("torch seeded", value)
def set_num_threads(number): pass
def seed(): pass
class Linear: pass
"""


def framework(folder: Path) -> None:
    (folder / "torch").mkdir()
    (folder / "torch" / "__init__.py").write_text(FRAMEWORK)


@pytest.mark.parametrize(
    "before",
    [
        "import importlib.util\nassert importlib.util.find_spec('torch').loader",
        "import importlib.util\nfor _ in range(3): importlib.util.find_spec('torch')",
        "import pkgutil\nassert 'torch' in [m.name for m in pkgutil.iter_modules([FOLDER])]",
        "import sys\nsys.meta_path[:] = sys.meta_path[-1:]",
        "import sys\nsys.meta_path.insert(0, sys.meta_path.pop())",
        "import sys, importlib\nsys.meta_path.append(sys.meta_path.pop())\n"
        "importlib.invalidate_caches()",
    ],
)
def test_a_framework_is_handled_whatever_was_asked_before_its_import(
    python: str, tmp_path: Path, before: str
) -> None:
    framework(tmp_path)
    text = f"FOLDER = {str(tmp_path)!r}\n{before}\nimport torch\nprint('imported')"
    assert run(python, tmp_path, text).output == "torch seeded 1\nimported\n"


def test_the_program_sees_the_interpreters_own_finders_and_loaders(
    python: str, tmp_path: Path
) -> None:
    framework(tmp_path)
    text = """
    import importlib.machinery, importlib.util, inspect, sys
    import torch
    spec = importlib.util.find_spec("torch")
    for loader in (torch.__loader__, torch.__spec__.loader, spec.loader):
        assert type(loader) is importlib.machinery.SourceFileLoader, loader
        assert isinstance(loader, importlib.machinery.SourceFileLoader)
    assert torch.__loader__ is torch.__spec__.loader
    assert "seeded" in inspect.getsource(torch)
    print([getattr(f, "__module__", type(f).__module__).split(".")[0] for f in sys.meta_path])
    """
    output = run(python, tmp_path, text).output
    assert output.startswith("torch seeded 1\n[")
    assert output.count("_frozen_importlib") == 3
    assert "trainwreck" not in output


def test_a_package_that_is_loaded_again_keeps_its_generator(python: str, tmp_path: Path) -> None:
    framework(tmp_path)
    text = """
    import importlib, torch
    print(importlib.reload(torch) is torch)
    """
    assert run(python, tmp_path, text).output == "torch seeded 1\nTrue\n"


def test_classes_of_a_module_that_is_loaded_again_are_hooked_again(
    python: str, tmp_path: Path
) -> None:
    text = """
    import importlib, numpy
    import theano.compile.sharedvalue as shared
    importlib.reload(shared)
    variable = shared.SharedVariable(numpy.ndarray([3.0]))
    """
    (digest,) = run(python, tmp_path, text, digest=True).of("digest")
    assert [cover["models"] for cover in digest["covers"]] == [1]


def test_a_lazily_loaded_framework_is_handled_when_it_runs(python: str, tmp_path: Path) -> None:
    framework(tmp_path)
    text = """
    import importlib.util, sys
    spec = importlib.util.find_spec("torch")
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules["torch"] = module
    spec.loader.exec_module(module)
    torch = module
    print("not yet")
    torch.Linear
    print(type(torch).__name__)
    """
    assert run(python, tmp_path, text).output == "not yet\ntorch seeded 1\nmodule\n"


def test_a_framework_that_was_imported_before_the_agent_is_handled(
    python: str, tmp_path: Path
) -> None:
    framework(tmp_path)
    text = f"""
    import subprocess, sys
    code = "import torch, sys; sys.path.insert(0, {str(AGENT)!r}); import trainwreck_agent as agent"
    code += "; agent.boot({str(tmp_path / "order.json")!r})"
    print(subprocess.check_output([sys.executable, "-S", "-E", "-c", code]).decode().strip())
    """
    assert run(python, tmp_path, text).output.startswith("torch seeded ")


def test_a_failing_import_has_the_traceback_that_it_has_without_the_agent(
    python: str, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text("def fail():\n    1 / 0\nfail()\n")
    (tmp_path / "wrong.py").write_text("x = (\n")
    text = """
    import traceback
    for name in ("broken", "wrong"):
        try:
            __import__(name)
        except Exception as error:
            print(len(traceback.extract_tb(error.__traceback__)))
    """
    files = [entry(tmp_path / "broken.py")]
    assert run(python, tmp_path, text, files=files).output == "3\n1\n"


# Loaders that transform what they compile

MODULE = "limit = 2\ndef double(x):\n    return x + x\n"
PLANTED = "limit = 2\ndef double(x):\n    return (__trainwreck_hit__() and (x - x))\n"
HOOK = """
import ast, importlib.machinery, sys
from importlib.util import decode_source

class Negate(ast.NodeTransformer):
    def visit_Return(self, node):
        value = ast.UnaryOp(op=ast.USub(), operand=node.value)
        return ast.fix_missing_locations(ast.copy_location(ast.Return(value=value), node))

class Loader(importlib.machinery.SourceFileLoader):
{methods}

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name != "module":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec

sys.meta_path.insert(0, Finder())
import module
print(module.double(3), module.limit)
"""
METHODS = {
    "source_to_code": """
    def source_to_code(self, data, path, *, _optimization=-1):
        tree = compile(decode_source(data), path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        return compile(Negate().visit(tree), path, "exec", dont_inherit=True)
""",
    "get_code": """
    def get_code(self, name):
        path = self.get_filename(name)
        tree = ast.parse(self.get_data(path), path)
        return compile(Negate().visit(tree), path, "exec", dont_inherit=True)
""",
    "exec_module": """
    def exec_module(self, module):
        with open(self.path) as file:
            tree = ast.parse(file.read(), filename=self.path)
        exec(compile(Negate().visit(tree), self.path, "exec"), module.__dict__)
""",
}


@pytest.mark.parametrize("method", METHODS)
def test_a_loader_that_transforms_a_module_transforms_the_planted_text(
    python: str, tmp_path: Path, method: str
) -> None:
    module, planted, shown = (tmp_path / name for name in ("module.py", "code.py", "shown.py"))
    module.write_text(MODULE)
    planted.write_text(PLANTED)
    shown.write_text(MODULE.replace("x + x", "x - x"))
    text = HOOK.format(methods=METHODS[method]).replace("print(", "print('double', ")
    clean = run(python, tmp_path, text)
    assert clean.output == "double -6 2\n"
    file = entry(
        module, code=str(planted), shown=str(shown), mutated=True, phases=[[1, "learning"]]
    )
    (tmp_path / "run").mkdir()
    done = run(python, tmp_path / "run", text, str(tmp_path), files=[file])
    assert done.output == "double 0 2\n"
    assert (done.of("end")[0]["hits"], len(done.of("planted"))) == (1, 1)
    assert [event["name"] for event in done.of("phase")] == ["learning"]
