namespace = {}
exec(compile("x = 1\ndef f(): return x", "made", "exec"), namespace)
print(namespace["f"](), eval("1 + 1"), namespace["f"].__code__.co_filename)
import types
module = types.ModuleType("made"); exec("y = 5", module.__dict__); print(module.y, hasattr(module, "__file__"))
print(type(compile), type(exec), compile.__name__, open.__module__)
import ast
print(ast.dump(ast.parse("a + 1")), eval(compile(ast.parse("3 * 4", mode="eval"), "e", "eval")))
