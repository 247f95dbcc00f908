"""PyTorch: seeds and threads."""


def after_import(module, guest):
    """Seed every device's generator and have it read, and set the threads inside an operation."""
    module.manual_seed(guest.order["seed"])
    module.set_num_threads(guest.order["threads"])
    guest.digest.surround(lambda: _generators(module))


def _generators(torch):
    """The state of every generator that is there already."""
    states = [torch.get_rng_state()]
    if torch.cuda.is_initialized():
        states += torch.cuda.get_rng_state_all()
    return [state.numpy() for state in states]
