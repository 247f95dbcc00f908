"""Proposes the settings of somebody's own program, from one run of it."""
