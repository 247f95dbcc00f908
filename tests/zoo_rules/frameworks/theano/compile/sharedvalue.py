"""Parameters of models."""


class SharedVariable:
    """A value that programs read and set."""

    def __init__(self, value):
        self.value = value

    def get_value(self, borrow=False):
        return self.value

    def set_value(self, value):
        self.value = value
