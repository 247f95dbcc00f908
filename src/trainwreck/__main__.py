"""The command, and ``python -m trainwreck``: hears Ctrl-C before anything slow is imported."""

import sys


def main() -> None:
    """Run the command line; ends the process with its exit code."""
    try:
        from trainwreck.cli.main import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        print("trainwreck: interrupted", file=sys.stderr)
        code = 4
    sys.exit(code)


if __name__ == "__main__":
    main()
