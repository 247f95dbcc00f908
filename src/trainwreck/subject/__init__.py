"""The program under study: its settings, interpreter, environment, data and phases."""
