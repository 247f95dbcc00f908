"""PyTorch: seeds and threads."""


def after_import(module, guest):
    """Seed every device's generator, and set the threads inside an operation."""
    module.manual_seed(guest.order["seed"])
    module.set_num_threads(guest.order["threads"])
