"""Starts a training that never ends, and waits for it beside many threads."""

import subprocess
import sys
import threading

CODE = """
import threading

def waits_forever():
    threading.Event().wait()

waits_forever()
"""
for _ in range(8):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
with open("endless.py", "w") as file:
    file.write(CODE)
subprocess.run([sys.executable, "endless.py"], check=True)
