"""``python -m trainwreck`` is the command ``trainwreck``."""

from trainwreck.cli.main import main

if __name__ == "__main__":
    main()
