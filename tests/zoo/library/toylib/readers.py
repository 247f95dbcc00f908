"""Reads its own source and runs that, as AutoGraph and TorchScript do."""

import inspect
import textwrap


def answer():
    return 40 + 2  # fate: ArOR crash


class Answer:
    value = 42  # fate: NVR crash


def read_own_source():
    clean, names = answer(), {}
    exec(textwrap.dedent(inspect.getsource(answer)), names)
    assert names["answer"]() == 42, "the reader saw %r" % names["answer"]()
    assert clean == 42
    exec(inspect.getsource(Answer), names)
    assert names["Answer"].value == 42
