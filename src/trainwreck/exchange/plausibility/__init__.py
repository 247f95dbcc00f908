"""Checks for imported runs that can hardly have been measured."""
