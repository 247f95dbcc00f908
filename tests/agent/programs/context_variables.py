try: import contextvars
except ImportError: raise SystemExit(0)
var = contextvars.ContextVar("var", default=1)
def change(): var.set(2); return var.get()
print(contextvars.copy_context().run(change), var.get(), len(contextvars.copy_context()))
