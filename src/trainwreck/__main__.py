"""The command, and ``python -m trainwreck``: hears Ctrl-C before anything slow is imported."""

import io
import sys

from trainwreck.systems import unsupported_system


def main() -> None:
    """Run the command line; ends the process with its exit code."""
    if problem := unsupported_system():
        print(f"trainwreck: {problem[0]}\n  {problem[1]}", file=sys.stderr)
        sys.exit(1)
    try:
        # A program's message may hold what is no text, such as half of a surrogate pair.
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        from trainwreck.cli.main import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        print("trainwreck: interrupted", file=sys.stderr)
        code = 4
    sys.exit(code)


if __name__ == "__main__":
    main()
