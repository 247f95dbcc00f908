import sys
print("before", flush=True)
raise KeyboardInterrupt
