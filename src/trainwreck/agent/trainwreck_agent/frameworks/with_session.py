"""Sessions of TensorFlow 1, and of Keras 2 upon it: the variables of their graphs."""

import functools


def after_import(module, guest):
    """Remember each session; one that is closed early is read just before."""
    session = module.BaseSession
    initialise, close = session.__init__, session.close
    last = {}

    @functools.wraps(initialise)
    def initialise_and_remember(self, *args, **kwargs):
        result = initialise(self, *args, **kwargs)
        guest.digest.remember(self, lambda found: last.get(id(found)) or _variables(found))
        return result

    @functools.wraps(close)
    def read_and_close(self):
        try:
            last[id(self)] = _variables(self)
        except Exception as error:
            guest.trouble("reading a session", error)
        return close(self)

    session.__init__ = initialise_and_remember
    session.close = read_and_close


def _variables(session):
    """Trainable variables by name; reading them adds nothing to the graph."""
    import numpy

    variables = session.graph.get_collection("trainable_variables")
    variables = sorted(variables, key=lambda variable: variable.name)
    return [numpy.asarray(value) for value in session.run(variables)] if variables else []
