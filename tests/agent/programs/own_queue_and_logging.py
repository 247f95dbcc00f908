import queue, logging, string, profile
print(queue.mine, logging.mine, string.mine, profile.mine)
