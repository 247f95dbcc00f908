"""PyTorch: remembers the modules that the program created and that are part of no other."""

from trainwreck_agent.frameworks import after_init

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest

MOST_MODULES = 256


def after_import(module: "Any", guest: "Guest") -> None:
    """Remember all modules as one model, and forget parts of others where they are many."""
    created: "list[Any]" = []
    dropped: "list[bool]" = []

    def remember(module: "Any") -> None:
        if not created:
            guest.digest.remember(created, _values, everything)
        if len(created) == MOST_MODULES:
            created[:] = _roots(created)
        if len(created) < MOST_MODULES:
            created.append(module)
        else:
            dropped[:] = [True]

    def everything(_created: "Any") -> "list[Any]":
        if dropped:
            raise RuntimeError("too many modules")
        return _everything(created)

    after_init(module.Module, remember)


def _roots(created: "list[Any]") -> "list[Any]":
    parts = {id(part) for root in created for part in root.modules() if part is not root}
    return [root for root in created if id(root) not in parts]


def _values(created: "list[Any]") -> "list[Any]":
    return [as_array(tensor) for root in _roots(created) for tensor in root.state_dict().values()]


def _everything(created: "list[Any]") -> "list[Any]":
    """Return the saved values and all buffers, because ``state_dict`` omits some buffers."""
    buffers = [as_array(buffer) for root in _roots(created) for buffer in root.buffers()]
    return _values(created) + buffers


def as_array(tensor: "Any") -> "Any":
    """Return the bytes of a tensor of any type on any device."""
    import torch  # type: ignore[import-not-found,unused-ignore]

    return tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()
