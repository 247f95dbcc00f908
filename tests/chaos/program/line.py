"""A line, and one step of gradient descent."""


class Line:
    """A slope and a height."""

    def __init__(self, slope, height):
        self.slope = slope
        self.height = height

    def at(self, x):
        """Return the value of the line."""
        return self.slope * x + self.height


def fit(line, points, rate):
    """Move the line towards the points; return the loss before."""
    errors = [(x, line.at(x) - y) for x, y in points]
    number = len(errors)
    if number < 1:
        raise ValueError("no points")
    line.slope = line.slope - rate * 2 * sum(error * x for x, error in errors) / number
    line.height = line.height - rate * 2 * sum(error for _, error in errors) / number
    return sum(error * error for _, error in errors) / number
