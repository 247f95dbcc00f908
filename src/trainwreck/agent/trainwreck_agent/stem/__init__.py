"""The stem: one clean run whose forks, one after another, are the runs of mutants."""
