"""Acts that end at once, and whose mutants end after many times the time of the whole program."""

import asyncio
import atexit
import collections
import concurrent.futures
import csv
import hashlib
import io
import itertools
import json
import multiprocessing
import os
import queue
import random
import re
import select
import signal
import subprocess
import sys
import threading
import time

FORK = multiprocessing.get_context("fork")
SLOW = 9.0


def rate():
    """Return the turns of an empty loop in a second."""
    began = time.perf_counter()
    for _ in range(100_000):
        pass
    return int(100_000 / (time.perf_counter() - began))


RATE = rate()


def turns(slow, cost=1.0):
    return int(RATE * SLOW / cost) if slow else 10


def derive(slow):
    hashlib.pbkdf2_hmac("sha256", b"x", b"y", int(2_000_000 * SLOW / 2) if slow else 1000)


def long_sleep():
    slow = False  # slow: BVR
    time.sleep(SLOW if slow else 0)


def many_sleeps():
    slow = False  # slow: BVR
    for _ in range(30 if slow else 1):
        time.sleep(0.3 if slow else 0)


def sleeps_without_a_variable():
    slow = False  # slow: BVR
    for _ in itertools.repeat(None, 90 if slow else 1):
        time.sleep(0.1 if slow else 0)


def long_call():
    slow = False  # slow: BVR
    derive(slow)


def long_call_with_the_lock():
    slow = False  # slow: BVR
    7 ** (8_000_000 if slow else 100)


def long_sort():
    slow = False  # slow: BVR
    sorted(range(10), key=lambda number: sum(range(RATE // 3 if slow else 1)) * 0 - number)


def more_turns():
    slow = False  # slow: BVR
    for _ in range(turns(slow, 2)):
        pass


def many_more_turns():
    few, many, number = 10, turns(True, 4), 0
    while number < few + many * 0:  # slow: NVR at 0
        number += 1


def many_more_turns_downward():
    number, many = 10, turns(True, 4)
    number += many * 0  # slow: NVR at 0
    while number > 0:
        number -= 1


def four_hundred_times_the_turns():
    few, number = turns(True, 12_000), 0
    while number < few + 399 * few * 0:  # slow: NVR at 0
        number += 1


def a_turn_that_costs_more():
    slow = False  # slow: BVR
    for _ in range(10):
        for _ in range(turns(slow, 20)):
            pass


def deeper_recursion():
    def fibonacci(number):
        return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)

    slow = False  # slow: BVR
    fibonacci(37 if slow else 5)


def thread_that_works():
    slow = False  # slow: BVR
    thread = threading.Thread(target=derive, args=(slow,))
    thread.start()
    thread.join()


def thread_that_works_and_is_polled():
    slow = False  # slow: BVR
    thread = threading.Thread(target=derive, args=(slow,))
    thread.start()
    while thread.is_alive():
        time.sleep(0.01)


def thread_that_sleeps_and_is_polled():
    slow = False  # slow: BVR
    thread = threading.Thread(target=time.sleep, args=(SLOW if slow else 0,))
    thread.start()
    while thread.is_alive():
        time.sleep(0.01)


def thread_that_sleeps_and_is_awaited_busily():
    slow = False  # slow: BVR
    done = []
    thread = threading.Thread(target=lambda: (time.sleep(SLOW if slow else 0), done.append(1)))
    thread.start()
    while not done:
        pass


def thread_that_counts_in_python():
    slow = False  # slow: BVR
    thread = threading.Thread(target=lambda: sum(1 for _ in range(turns(slow, 6))))
    thread.start()
    thread.join()


def child_that_works():
    slow = False  # slow: BVR
    worker = FORK.Process(target=derive, args=(slow,))
    worker.start()
    worker.join()


def child_that_sleeps():
    slow = False  # slow: BVR
    subprocess.run(["sleep", "9" if slow else "0"], check=True)


def child_that_sleeps_and_is_polled():
    slow = False  # slow: BVR
    child = subprocess.Popen(["sleep", "9" if slow else "0"])
    while child.poll() is None:
        time.sleep(0.02)


def pool_that_works():
    slow = False  # slow: BVR
    with FORK.Pool(2) as pool:
        pool.map(derive, [slow, False])


def executor_that_sleeps():
    slow = False  # slow: BVR
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(time.sleep, [SLOW if slow else 0, 0]))


def child_that_trickles():
    slow = False  # slow: BVR
    code = f"import time\nfor _ in range(18): print('x', flush=True); time.sleep({0.5 * slow})"
    with subprocess.Popen([sys.executable, "-S", "-c", code], stdout=subprocess.PIPE) as child:
        for _ in child.stdout:
            pass


def progress_in_a_file():
    slow = False  # slow: BVR
    with open("progress.log", "w", encoding="ascii", buffering=1) as file:
        for _ in itertools.repeat(None, 90 if slow else 1):
            file.write("further\n")
            time.sleep(0.1 if slow else 0)


def progress_in_dots():
    slow = False  # slow: BVR
    for _ in itertools.repeat(None, 90 if slow else 1):
        print(".", end="", flush=True)
        time.sleep(0.1 if slow else 0)
    print()


def same_line_again():
    slow = False  # slow: BVR
    left = [1] * (90 if slow else 1)
    while left:
        left.pop()
        print("working", flush=True)
        time.sleep(0.1 if slow else 0)


def wait_for_a_time():
    slow = False  # slow: BVR
    until = time.time() + (SLOW if slow else 0)
    while time.time() < until:
        time.sleep(0.05)


def wait_since_a_time():
    slow = False  # slow: BVR
    began, span = time.monotonic(), SLOW if slow else 0
    while time.monotonic() - began < span:
        time.sleep(0.05)


def busy_wait_for_a_time():
    slow = False  # slow: BVR
    until = time.perf_counter() + (SLOW if slow else 0)
    while time.perf_counter() < until:
        pass


def flag_of_a_timer():
    slow = False  # slow: BVR
    done = threading.Event()
    threading.Timer(SLOW if slow else 0, done.set).start()
    while not done.is_set():
        pass


def slow_producer():
    slow, items = False, queue.Queue()  # slow: BVR

    def produce():
        time.sleep(SLOW if slow else 0)
        items.put(1)

    threading.Thread(target=produce).start()
    while True:
        try:
            items.get(timeout=0.1)
            break
        except queue.Empty:
            continue


def coroutine_that_sleeps():
    slow = False  # slow: BVR
    asyncio.run(asyncio.sleep(SLOW if slow else 0))


def coroutine_of_many_sleeps():
    async def run(count):
        for _ in itertools.repeat(None, count):
            await asyncio.sleep(0.1 if slow else 0)

    slow = False  # slow: BVR
    asyncio.run(run(90 if slow else 1))


def select_with_timeout():
    slow = False  # slow: BVR
    select.select([os.pipe()[0]], [], [], SLOW if slow else 0)


def event_with_timeout():
    slow = False  # slow: BVR
    threading.Event().wait(SLOW if slow else 0)


def alarm_that_ends_a_wait():
    slow = False  # slow: BVR
    done = threading.Lock()
    done.acquire()
    signal.signal(signal.SIGALRM, lambda _number, _frame: done.release())
    signal.setitimer(signal.ITIMER_REAL, SLOW if slow else 0.001)
    done.acquire()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def alarm_that_ends_a_loop():
    class Rings(Exception):
        pass

    def ring(_number, _frame):
        raise Rings

    slow = False  # slow: BVR
    signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, SLOW if slow else 0.001)
        while True:
            pass
    except Rings:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def rare_random_number():
    slow = False  # slow: BVR
    source = random.Random(3)
    limit = 1.0 - 1.0 / turns(slow, 4) if slow else 0.5
    while source.random() < limit:
        pass


def calls_without_a_variable():
    slow = False  # slow: BVR
    for _ in itertools.repeat(None, turns(slow, 5)):
        abs(-1)


def comprehension():
    slow = False  # slow: BVR
    [number for number in range(turns(slow, 8)) if number < 0]


def generators():
    slow = False  # slow: BVR
    numbers = (number for number in range(turns(slow, 8)))
    sum(number for number in numbers if number % 2)


counted = [0]


def counter_in_a_module():
    slow = False  # slow: BVR
    counted[0] = 90 if slow else 1
    while step():
        time.sleep(0.1 if slow else 0)


def step():
    counted[0] -= 1
    return counted[0] > 0


def counter_in_a_closure():
    slow = False  # slow: BVR
    left = 90 if slow else 1

    def advance():
        nonlocal left
        left -= 1
        return left > 0

    while advance():
        time.sleep(0.1)


class Steps:
    left = 0

    @classmethod
    def advance(cls):
        cls.left -= 1
        return cls.left > 0


def counter_in_a_class():
    slow = False  # slow: BVR
    Steps.left = 90 if slow else 1
    while Steps.advance():
        time.sleep(0.1)


def rotating_queue():
    slow = False  # slow: BVR
    items = collections.deque([0] * (90 if slow else 1) + [1])
    while not items[0]:
        items.rotate(-1)
        time.sleep(0.1 if slow else 0)


def bytes_in_place():
    slow = False  # slow: BVR
    field = bytearray(90 if slow else 1)
    while 0 in field:
        field[field.index(0)] = 1
        time.sleep(0.1 if slow else 0)


def file_in_small_pieces():
    slow = False  # slow: BVR
    with open(os.__file__, "rb", buffering=0) as file:
        while file.read(500):
            time.sleep(0.15 if slow else 0)


def iterator_in_hand():
    slow = False  # slow: BVR
    left = iter([0] * (90 if slow else 1))
    while next(left, None) is not None:
        time.sleep(0.1 if slow else 0)


def two_threads_in_turn():
    slow, there, back = False, queue.Queue(), queue.Queue()  # slow: BVR

    def answer():
        while there.get():
            time.sleep(0.1 if slow else 0)
            back.put(1)

    thread = threading.Thread(target=answer)
    thread.start()
    for _ in itertools.repeat(None, 90 if slow else 1):
        there.put(1)
        back.get()
    there.put(0)
    thread.join()


def sort_with_a_key_that_sleeps():
    slow = False  # slow: BVR
    sorted([0] * (450 if slow else 1), key=lambda number: time.sleep(0.02) or number)


def sort_with_a_key_that_works():
    def key(number):
        for _ in itertools.repeat(None, few + many * 0):  # slow: NVR at 0
            pass
        return number

    few, many = 10, turns(True) // 400
    sorted([0] * 400, key=key)


def sort_with_a_key_that_is_short():
    count, many = 10, turns(True, 12)
    sorted([0] * (count + many * 0), key=lambda number: number * 1 + 0)  # slow: NVR at 0


def products():
    slow = False  # slow: BVR
    for _ in itertools.product([0] * (90 if slow else 1)):
        time.sleep(0.1 if slow else 0)


def combinations_of_equal_things():
    slow = False  # slow: BVR
    for _ in itertools.combinations([0] * (14 if slow else 2), 2):
        time.sleep(0.1 if slow else 0)


def items_of_a_queue():
    slow = False  # slow: BVR
    for _ in collections.deque([0] * (90 if slow else 1)):
        time.sleep(0.1 if slow else 0)


def equal_lines_of_a_file():
    slow = False  # slow: BVR
    with open("lines.txt", "w", encoding="ascii") as file:
        file.write("same\n" * (90 if slow else 1))
    with open("lines.txt", encoding="ascii") as file:
        for _ in file:
            time.sleep(0.1 if slow else 0)


def equal_lines_in_memory():
    slow = False  # slow: BVR
    for _ in io.StringIO("same\n" * (90 if slow else 1)):
        time.sleep(0.1 if slow else 0)


def rows_of_a_table():
    slow = False  # slow: BVR
    for _ in csv.reader("same,same\n" for _ in itertools.repeat(None, 90 if slow else 1)):
        time.sleep(0.1 if slow else 0)


class Same:
    def __init__(self, count):
        self.count = count

    def __getitem__(self, number):
        if number >= self.count:
            raise IndexError

    def __eq__(self, other):
        time.sleep(0.1 if self.count > 1 else 0)
        return True


def items_by_their_numbers():
    slow = False  # slow: BVR
    for _ in Same(90 if slow else 1):
        time.sleep(0.1 if slow else 0)


def comparison_of_lists():
    slow = False  # slow: BVR
    same = Same(90 if slow else 1)
    return [same] * same.count == [Same(2)] * same.count


def letters_of_another_alphabet():
    slow = False  # slow: BVR
    for _ in "\u00e4" * (90 if slow else 1):
        time.sleep(0.1 if slow else 0)


def objects_of_a_text():
    slow = False  # slow: BVR
    text = "[" + ", ".join(["{}"] * (90 if slow else 1)) + "]"
    json.loads(text, object_hook=lambda read: time.sleep(0.1 if slow else 0))


def replacements_by_a_function():
    slow = False  # slow: BVR
    re.sub("a", lambda _: str(time.sleep(0.1 if slow else 0)), "a" * (90 if slow else 1))


def dots_as_before():
    slow = False  # slow: BVR
    print("." * 90)
    for _ in itertools.repeat(None, 90 if slow else 1):
        print(".", end="", flush=True)
        time.sleep(0.1 if slow else 0)
    print()


def save():
    slow = False  # slow: BVR
    atexit.register(time.sleep, SLOW if slow else 0)


BEFORE = [
    long_sleep,
    sleeps_without_a_variable,
    long_call_with_the_lock,
    more_turns,
    many_more_turns_downward,
    a_turn_that_costs_more,
    thread_that_works,
    thread_that_sleeps_and_is_polled,
    thread_that_counts_in_python,
    child_that_sleeps,
    pool_that_works,
    child_that_trickles,
    progress_in_dots,
    wait_for_a_time,
    busy_wait_for_a_time,
    slow_producer,
    coroutine_of_many_sleeps,
    event_with_timeout,
    alarm_that_ends_a_loop,
    calls_without_a_variable,
    generators,
    counter_in_a_closure,
    rotating_queue,
    file_in_small_pieces,
    two_threads_in_turn,
    sort_with_a_key_that_sleeps,
    sort_with_a_key_that_is_short,
    products,
    equal_lines_of_a_file,
    items_by_their_numbers,
    letters_of_another_alphabet,
    dots_as_before,
]
DURING = [
    many_sleeps,
    long_call,
    long_sort,
    many_more_turns,
    four_hundred_times_the_turns,
    deeper_recursion,
    thread_that_works_and_is_polled,
    thread_that_sleeps_and_is_awaited_busily,
    child_that_works,
    child_that_sleeps_and_is_polled,
    executor_that_sleeps,
    progress_in_a_file,
    same_line_again,
    wait_since_a_time,
    flag_of_a_timer,
    coroutine_that_sleeps,
    select_with_timeout,
    alarm_that_ends_a_wait,
    rare_random_number,
    comprehension,
    counter_in_a_module,
    counter_in_a_class,
    bytes_in_place,
    iterator_in_hand,
    sort_with_a_key_that_works,
    combinations_of_equal_things,
    items_of_a_queue,
    equal_lines_in_memory,
    rows_of_a_table,
    comparison_of_lists,
    objects_of_a_text,
    replacements_by_a_function,
]
