"""Sessions of TensorFlow 1, and of Keras 2 upon it: the variables of their graphs."""

import functools

from trainwreck_agent.frameworks import after_init


def after_import(module, guest):
    """Remember each session; one that is closed early is read just before."""
    close = module.BaseSession.close
    last = {}

    def values(session):
        return last.get(id(session)) or _variables(session)

    @functools.wraps(close)
    def read_and_close(self):
        try:
            last[id(self)] = _variables(self)
        except Exception as error:
            guest.trouble("reading a session", error)
        return close(self)

    after_init(module.BaseSession, lambda session: guest.digest.remember(session, values))
    module.BaseSession.close = read_and_close


def _variables(session):
    """Trainable variables by name; reading them adds nothing to the graph."""
    import numpy

    variables = session.graph.get_collection("trainable_variables")
    variables = sorted(variables, key=lambda variable: variable.name)
    return [numpy.asarray(value) for value in session.run(variables)] if variables else []
