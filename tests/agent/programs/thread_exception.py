import threading
def fail(): raise KeyError("in a thread")
thread = threading.Thread(target=fail, name="failing")
thread.start(); thread.join()
print("main goes on")
