def numbers():
    try:
        while True: yield 1
    finally: print("generator closed")
running = numbers()
next(running)
async def unfinished(): pass
coroutine = unfinished()
del coroutine
