"""Sessions of TensorFlow 1, and of Keras 2 upon it: the variables of their graphs, and runs."""

import functools

from trainwreck_agent.frameworks import after_init

MOST_REFUSED = 64


def after_import(module, guest):
    """Remember each session and count its runs; one that is closed early is read just before."""
    kind = module.BaseSession
    run = kind.run
    running = []
    last = {}

    @functools.wraps(run)
    def count_and_run(self, *args, **kwargs):
        guest.work.count("session runs")
        running.append(True)
        try:
            return run(self, *args, **kwargs)
        finally:
            running.pop()

    def values(session):
        return last.get(id(session)) or _trainable(session, run)

    def everything(session):
        if running:  # Inside a run, as in ``py_func``, another one might wait for ever.
            raise RuntimeError("a session is running")
        return last[id(session)] if id(session) in last else _initialised(session, run)

    def keep(session):
        try:
            last[id(session)] = _trainable(session, run)
        except Exception as error:
            guest.trouble("reading a session", error)

    after_init(kind, lambda session: guest.digest.remember(session, values, everything))
    kind.run = count_and_run
    _before_close(kind, keep)


def _before_close(kind, act):
    close = kind.close

    @functools.wraps(close)
    def act_and_close(self):
        act(self)
        return close(self)

    kind.close = act_and_close


def _initialised(session, run):
    """All global variables that have a value, and the names of those that have none."""
    left = [MOST_REFUSED]

    def read(variables):
        try:
            return [_as_array(value) for value in run(session, variables)]
        except Exception as error:
            left[0] -= 1
            if type(error).__name__ != "FailedPreconditionError" or not left[0]:
                raise
        if len(variables) == 1:
            return [variables[0].name.encode()]
        half = len(variables) // 2
        return read(variables[:half]) + read(variables[half:])

    variables = _variables(session, "variables")
    return read(variables) if variables else []


def _trainable(session, run):
    variables = _variables(session, "trainable_variables")
    return [_as_array(value) for value in run(session, variables)] if variables else []


def _variables(session, collection):
    """By name; reading them adds nothing to the graph."""
    return sorted(session.graph.get_collection(collection), key=lambda variable: variable.name)


def _as_array(value):
    import numpy

    return numpy.asarray(value)
