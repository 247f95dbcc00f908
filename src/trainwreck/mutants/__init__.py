"""Files and operators to mutants, and mutants to a plan."""
