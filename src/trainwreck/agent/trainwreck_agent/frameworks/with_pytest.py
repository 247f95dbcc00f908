"""pytest: it loads test files itself, and may have kept what it made of the clean ones."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Have pytest read a file with a bug, instead of the code that an earlier session kept.

    Its text comes from ``ast.parse``, which has the order's text for it.
    """
    read = module._read_pyc

    def _read_pyc(source: "Any", *rest: "Any", **named: "Any") -> "Any":
        if guest.overlay.entry_of(str(source)) is not None:
            return None
        return read(source, *rest, **named)

    module._read_pyc = _read_pyc
