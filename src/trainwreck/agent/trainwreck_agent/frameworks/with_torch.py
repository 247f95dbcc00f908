"""PyTorch: sets the seed, the number of threads, and whether its kernels repeat."""

import functools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Seed and remember every device's generator, and set the threads inside an operation."""
    module.manual_seed(guest.entropy.global_seed())
    module.set_num_threads(guest.order["threads"])
    if guest.order.get("deterministic"):
        _ask_for_repeating(module)
    guest.digest.surround(lambda: _generators(module))
    _seed_any(module, guest)
    if guest.sources is not None:
        guest.sources.watch(module, "manual_seed", "torch.manual_seed", "seed")


def _ask_for_repeating(torch: "Any") -> None:
    """Choose kernels whose results repeat; an operation that has none only warns."""
    try:
        torch.use_deterministic_algorithms(True, warn_only=True)
    except (AttributeError, TypeError):
        # Before 1.11 such an operation would be an error of the program.
        torch.backends.cudnn.deterministic = True


def _seed_any(torch: "Any", guest: "Guest") -> None:
    """Give `torch.seed`, which asks for any seed, another one each time."""

    @functools.wraps(torch.seed)
    def seed() -> int:
        number = guest.entropy.bits("torch", 63)
        torch.manual_seed(number)
        return number

    torch.seed = torch.random.seed = seed


def _generators(torch: "Any") -> "list[Any]":
    """Return the state of every generator that exists; this creates none on a device."""
    states = [torch.get_rng_state()]
    if torch.cuda.is_initialized():
        states += torch.cuda.get_rng_state_all()
    return [state.numpy() for state in states]
