import asyncio
async def one(n):
    await asyncio.sleep(0)
    return n * n
async def main():
    print(await asyncio.gather(*[one(n) for n in range(5)]))
    process = await asyncio.create_subprocess_exec("true")
    print(await process.wait())
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
if hasattr(asyncio, "get_child_watcher"):
    import warnings; warnings.simplefilter("ignore")
    asyncio.get_child_watcher().attach_loop(loop)
loop.run_until_complete(main())
loop.close()
