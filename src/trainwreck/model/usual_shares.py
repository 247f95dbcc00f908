"""The usual shares of mutants by kind of code, as eleven programs showed them (docs/wild.md)."""

from trainwreck.model.stratum import Stratum

PROPAGATES = {
    Stratum.CONDITION: 0.14,
    Stratum.CODE: 0.3,
    Stratum.MODULE: 0.12,
    Stratum.DEFAULT: 0.1,
    Stratum.ANNOTATION: 0.02,
}
"""The share of mutants that propagate, of those that need a run, in eleven programs."""

NEEDS_NO_RUN = {
    Stratum.CONDITION: 0.13,
    Stratum.CODE: 0.05,
    Stratum.MODULE: 0.05,
    Stratum.DEFAULT: 0.75,
    Stratum.ANNOTATION: 0.5,
}
"""The share of mutants that rules decide without a run."""
