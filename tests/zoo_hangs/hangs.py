"""Acts that end at once, and whose mutants never do."""

import asyncio
import itertools
import multiprocessing
import os
import queue
import re
import select
import socket
import subprocess
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

FORK = multiprocessing.get_context("fork")


def lock_twice():
    lock = threading.Lock()
    held = False  # hang: BVR (asleep)
    if held:
        lock.acquire()
    lock.acquire()


def empty_queue():
    items = queue.Queue()
    items.put(1)
    number = 1  # hang: NVR (asleep)
    for _ in range(number):
        items.get()


def join_of_waiting_thread():
    done = threading.Event()
    thread = threading.Thread(target=done.wait, daemon=True)
    thread.start()
    if not False:  # hang: BVR (asleep)
        done.set()
    thread.join()


def silent_socket():
    ours, theirs = socket.socketpair()
    if True:  # hang: BVR (asleep)
        theirs.send(b"x")
    ours.recv(1)


def select_without_timeout():
    reading, writing = os.pipe()
    ready = True  # hang: BVR (asleep)
    if ready:
        os.write(writing, b"x")
    select.select([reading], [], [])


def poll_without_timeout():
    reading, writing = os.pipe()
    ready = True  # hang: BVR (asleep)
    if ready:
        os.write(writing, b"x")
    poller = select.poll()
    poller.register(reading, select.POLLIN)
    poller.poll()


def child_that_reads():
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    closes = True  # hang: BVR (asleep)
    if closes:
        child.stdin.close()
    child.wait()


def full_pipe():
    _, writing = os.pipe()
    pages = 15
    for _ in range(pages + 1):  # hang: NVR (asleep)
        os.write(writing, b"x" * 4096)


def very_long_sleep():
    forever = False  # hang: BVR (asleep)
    time.sleep(1e9 if forever else 0)


def event_never_set():
    event = threading.Event()
    is_set = True  # hang: BVR (asleep)
    if is_set:
        event.set()
    event.wait()


def condition_never_notified():
    condition, ready = threading.Condition(), True  # hang: BVR (asleep)
    with condition:
        while not ready:
            condition.wait()


def barrier_with_one_too_many():
    barrier = threading.Barrier(1 + 0)  # hang: NVR (asleep)
    barrier.wait()


def semaphore_without_release():
    semaphore = threading.Semaphore()
    for _ in range(1):  # hang: NVR (asleep)
        semaphore.acquire()


def coroutine_never_resumed():
    async def wait():
        future = asyncio.get_running_loop().create_future()
        is_set = True  # hang: BVR (asleep)
        if is_set:
            future.set_result(1)
        await future

    asyncio.run(wait())


def future_never_set():
    future = Future()
    if not False:  # hang: BVR (asleep)
        future.set_result(1)
    future.result()


def two_locks_crossed():
    first, second = threading.Lock(), threading.Lock()
    crosses = False  # hang: BVR (asleep)

    def other():
        for lock in (second, first) if crosses else (first, second):
            lock.acquire()
            time.sleep(0.05 if crosses else 0)
        for lock in (first, second):
            lock.release()

    thread = threading.Thread(target=other, daemon=True)
    with first:
        if crosses:
            thread.start()
            time.sleep(0.05)
            with second:
                pass
    if crosses:
        thread.join()


def dead_worker():
    results = FORK.SimpleQueue()
    works = True  # hang: BVR (asleep)

    def work():
        if works:
            results.put(1)
        os._exit(0)

    worker = FORK.Process(target=work)
    worker.start()
    results.get()
    worker.join()


def worker_in_deadlock():
    lock = FORK.Lock()
    held = False  # hang: BVR (asleep)
    if held:
        lock.acquire()
    worker = FORK.Process(target=lock.acquire)
    worker.start()
    worker.join()


def pool_of_threads():
    release = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        pool.submit(release.wait)
        if not False:  # hang: BVR (asleep)
            release.set()


def empty_loop():
    stays = False  # hang: BVR (unchanging)
    while stays:
        pass


def counter_that_stays():
    i = 0
    while i < 10:
        i = i + 1  # hang: ArOR (runaway)


def counter_of_the_wrong_way():
    i = 0
    while i < 10:
        i += 1  # hang: AsOR (runaway)


def step_over_the_end():
    left = 51
    while left != 0:
        left -= 1  # hang: NVR (runaway)


def retry_for_ever():
    failed = False  # hang: BVR (unchanging)
    while failed:
        time.sleep(0.05)


def retry_of_an_exception():
    text = "1" if True else "x"  # hang: BVR (unchanging)
    while True:
        try:
            int(text)
        except ValueError:
            continue
        break


def loss_that_stays():
    loss, rate = 1.0, 0.5
    while loss > 0.01:
        loss -= loss * rate * 1.0
        rate = 0.5 if True else 0.0  # hang: BVR (unchanging)


def loss_that_stays_and_is_printed():
    loss, rate = 1.0, 0.5
    while loss > 0.1:
        loss -= loss * rate
        rate = 0.5 if True else 0.0  # hang: BVR (unchanging)
        print(f"the loss is {loss:.3f}", flush=True)
        time.sleep(0.001)


def flag_that_nobody_sets():
    flags = {"done": True}  # hang: BVR (unchanging)
    while not flags["done"]:
        pass


def file_that_nobody_writes():
    path = "ready.txt"
    writes = True  # hang: BVR (unchanging)
    if writes:
        open(path, "w").close()
    while not os.path.exists(path):
        time.sleep(0.02)


def list_in_a_circle():
    nodes = [1, 2, 3, -1]
    nodes[2] = 3 + 0 if True else 0  # hang: BVR (unchanging)
    node = 0
    while node >= 0:
        node = nodes[node]


def search_that_does_not_narrow():
    low, high = 0, 100
    while low < high:
        middle = (low + high) // 2
        if middle < 77:
            low = middle + 1 * 1 if True else middle  # hang: BVR (unchanging)
        else:
            high = middle


def text_that_stays():
    text, blank = "a    b", "  "
    to = " " if True else "  "  # hang: BVR (unchanging)
    while blank in text:
        text = text.replace(blank, to)


def child_that_is_polled():
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    closes = True  # hang: BVR (unchanging)
    if closes:
        child.stdin.close()
    while child.poll() is None:
        time.sleep(0.01)


def poll_with_timeouts():
    reading, writing = os.pipe()
    writes = True  # hang: BVR (unchanging)
    if writes:
        os.write(writing, b"x")
    while not select.select([reading], [], [], 0.05)[0]:
        pass


def list_that_grows():
    values, room = [], 10
    while room:
        values.append(1)
        room -= 1  # hang: AsOR (runaway)


def endless_numbers():
    total = 0
    for number in itertools.count(0, 2):
        total += number % 3
        if number == 20:  # hang: NVR (runaway)
            break


def endless_generator():
    def numbers():
        number = 0
        while number < 5:
            yield number % 3
            number += 1  # hang: AsOR (runaway)

    sum(numbers())


def recursion_that_is_caught():
    def call(depth):
        try:
            if depth:
                call(depth - 1)  # hang: ArOR (none)
        except RecursionError:
            call(depth)

    call(3)


def backtracking():
    length = 8
    text = "a" * (40 if False else length)  # hang: BVR (none)
    re.match(r"(a+)+$", text + "b")


def large_power():
    exponent = 10
    number = 7 ** (exponent ** (8 if False else 2))  # hang: BVR (none)
    return number


def endless_epochs():
    epoch = 0
    while epoch < 1:
        time.sleep(0.02)
        epoch += 1  # hang: AsOR (none)
        print(f"a further epoch {epoch}: {1 / (2 + epoch * epoch):.9f}", flush=True)


BEFORE = [
    lock_twice,
    join_of_waiting_thread,
    select_without_timeout,
    child_that_reads,
    very_long_sleep,
    condition_never_notified,
    semaphore_without_release,
    future_never_set,
    dead_worker,
    pool_of_threads,
    counter_that_stays,
    retry_for_ever,
    loss_that_stays,
    flag_that_nobody_sets,
    list_in_a_circle,
    text_that_stays,
    poll_with_timeouts,
    endless_numbers,
    recursion_that_is_caught,
    large_power,
]
DURING = [
    empty_queue,
    silent_socket,
    poll_without_timeout,
    full_pipe,
    event_never_set,
    barrier_with_one_too_many,
    coroutine_never_resumed,
    two_locks_crossed,
    worker_in_deadlock,
    empty_loop,
    counter_of_the_wrong_way,
    step_over_the_end,
    retry_of_an_exception,
    loss_that_stays_and_is_printed,
    file_that_nobody_writes,
    search_that_does_not_narrow,
    child_that_is_polled,
    list_that_grows,
    endless_generator,
    backtracking,
    endless_epochs,
]
