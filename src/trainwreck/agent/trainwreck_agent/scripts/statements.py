"""Answers how many statements each file has, and how many of them ran, as coverage.py counts them.

Input: one JSON object per line, {"path", "lines": [that ran]}. Output: one line each,
{"statements", "executed"}; both are null where the file cannot be compiled. Statements that are
marked ``pragma: no cover`` do not count, as in coverage.py's own reports.
"""

import json
import sys
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def count(coverage: "Any", path: str, lines: "list[int]") -> "dict[str, int | None]":
    """Count the statements of a file, and those among them on executed lines."""
    measured = coverage.Coverage(data_file=None, config_file=False)
    measured.get_data().add_lines({path: lines})
    _, statements, _, missing, _ = measured.analysis2(path)
    return {"statements": len(statements), "executed": len(statements) - len(missing)}


def main() -> None:
    """Answer each line of standard input. Raises ImportError where coverage.py is missing."""
    import coverage

    warnings.simplefilter("ignore")
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = count(coverage, request["path"], request["lines"])
        except Exception:
            answer = {"statements": None, "executed": None}
        sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    # The folder of this script must not be searched for coverage.py and what it imports.
    sys.path.pop(0)
    main()
