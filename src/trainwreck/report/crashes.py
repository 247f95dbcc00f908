"""Causes of crashes in words: the rule that decided each of them."""

from trainwreck.model import CauseReason, CrashRule


def cause_reason(reason: CauseReason | None) -> str:
    """Say by which rule the cause of a crash was decided."""
    if reason is None:
        return ""
    text = CRASH_RULES[reason.rule]
    return text.format(line=reason.line, exception=reason.exception)


CRASH_RULES = {
    CrashRule.RAISES_BEHIND_CONDITION: (
        "line {line} of the changed function raises, behind the condition"
    ),
    CrashRule.RAISES_BELOW: "line {line} raises, directly below the changed statement",
    CrashRule.OPERANDS_REFUSED: "the changed operator cannot take its operands",
    CrashRule.OUT_OF_RANGE_HERE: "the changed statement itself asks for what is out of range",
    CrashRule.NAME_WITHOUT_VALUE: "a name has no value, since another branch was taken",
    CrashRule.FAILED_ELSEWHERE: (
        "the condition took another branch, and the run failed elsewhere for it"
    ),
    CrashRule.ASSIGNS_BELOW: "line {line}, under the changed condition, assigns and fails",
    CrashRule.BRANCH_WITHOUT_EXCEPTION: (
        "another branch was taken, and no exception shows what came of it"
    ),
    CrashRule.NEITHER_RAISES_NOR_ASSIGNS: (
        "the line under the changed condition neither raises nor assigns"
    ),
    CrashRule.RESULT_REFUSED: (
        "the result of the changed operator has a type that is refused later"
    ),
    CrashRule.MISMATCH: "{exception} is about an index, a size or a shape",
    CrashRule.VALUE_KEPT: "the changed value is kept or passed on",
    CrashRule.VALUE_KEPT_WITHOUT_EXCEPTION: (
        "the changed value is kept or passed on; no exception was shown"
    ),
    CrashRule.RECORDED: "the record says so",
    CrashRule.NONE: "no rule fits",
}
