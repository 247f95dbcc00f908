"""PyTorch: the modules that the program made and that belong to no other module."""

from trainwreck_agent.frameworks import after_init

MOST_MODULES = 256


def after_import(module, guest):
    """Remember all modules as one model; now and then forget those that are parts of others."""
    made, dropped = [], []

    def remember(module):
        if not made:
            guest.digest.remember(made, _values, everything)
        if len(made) == MOST_MODULES:
            made[:] = _whole(made)
        if len(made) < MOST_MODULES:
            made.append(module)
        else:
            dropped[:] = [True]

    def everything(_made):
        if dropped:
            raise RuntimeError("too many modules")
        return _everything(made)

    after_init(module.Module, remember)


def _whole(made):
    parts = {id(part) for whole in made for part in whole.modules() if part is not whole}
    return [whole for whole in made if id(whole) not in parts]


def _values(made):
    return [as_array(tensor) for whole in _whole(made) for tensor in whole.state_dict().values()]


def _everything(made):
    """Buffers that are not saved as well."""
    buffers = [as_array(buffer) for whole in _whole(made) for buffer in whole.buffers()]
    return _values(made) + buffers


def as_array(tensor):
    """The bytes of a tensor of any type on any device."""
    import torch

    return tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()
