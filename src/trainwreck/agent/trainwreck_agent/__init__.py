"""The guest in the process under study; see PROTOCOL.md beside this package."""

PROTOCOL = 3
REFUSED = 86


def boot(order_path):
    """Start the guest by the order file; whatever it cannot do must not disturb the program."""
    from trainwreck_agent.guest import Guest

    guest = Guest.from_order(order_path)
    if guest is not None:
        guest.settle()
