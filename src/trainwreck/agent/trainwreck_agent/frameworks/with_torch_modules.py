"""PyTorch: the modules that the program made and that belong to no other module."""

from trainwreck_agent.frameworks import after_init

MOST_MODULES = 256


def after_import(module, guest):
    """Remember all modules as one model; now and then forget those that are parts of others."""
    made = []

    def remember(module):
        if not made:
            guest.digest.remember(made, _values)
        if len(made) == MOST_MODULES:
            made[:] = _whole(made)
        if len(made) < MOST_MODULES:
            made.append(module)

    after_init(module.Module, remember)


def _whole(made):
    parts = {id(part) for whole in made for part in whole.modules() if part is not whole}
    return [whole for whole in made if id(whole) not in parts]


def _values(made):
    return [
        tensor.detach().cpu().contiguous().flatten().view(_bytes()).numpy()
        for whole in _whole(made)
        for tensor in whole.state_dict().values()
    ]


def _bytes():
    import torch

    return torch.uint8
