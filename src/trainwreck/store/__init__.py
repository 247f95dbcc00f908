"""The facts of a campaign in one file. No other package knows SQL."""
