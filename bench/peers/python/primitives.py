"""The primitives in CPython's asyncio or in uvloop, the same shapes as in ours.

primitives.py asyncio|uvloop NAME WARM_SECONDS SECONDS

Prints nanoseconds an operation, by the wall clock and by the CPU clock of the process, as a line of
JSON; for the parked tasks bytes as well. Exit status 3 when there is no such primitive.
"""

import asyncio
import gc
import json
import os
import random
import sys
import threading
import time

SAMPLES, NO_SUCH_PRIMITIVE = 3, 3
TASKS, YIELDS, TRIVIAL, AWAITS, SLEEPERS, TIMERS, POSTS, CALLBACKS, ITEMS, TURNS, PARKED = (
    100, 1_000, 10_000, 100_000, 100_000, 100_000, 100_000, 100_000, 100_000, 100, 1_000_000)
CANCELLED, ROUND_TRIPS = 1_000_000, 5_000


async def switch(loop):
    async def spin():
        for _ in range(YIELDS):
            await asyncio.sleep(0)

    await asyncio.gather(*[spin() for _ in range(TASKS)])
    return TASKS * YIELDS


async def spawn(loop):
    async def trivial(number):
        return number

    await asyncio.gather(*[trivial(number) for number in range(TRIVIAL)])
    return TRIVIAL


async def await_done(loop):
    done = loop.create_future()
    done.set_result(1)
    for _ in range(AWAITS):
        await done
    return AWAITS


async def await_soon(loop):
    for _ in range(AWAITS):
        future = loop.create_future()
        loop.call_soon(future.set_result, 1)
        await future
    return AWAITS


async def call_soon(loop):
    """Chains of callbacks, as many as there are tasks in switch, each posting its successor."""
    finished = loop.create_future()
    left = CALLBACKS

    def step():
        nonlocal left
        left -= 1
        if left >= TASKS:
            loop.call_soon(step)
        elif left == 0:
            finished.set_result(None)

    for _ in range(TASKS):
        loop.call_soon(step)
    await finished
    return CALLBACKS


async def call_later(loop):
    finished = loop.create_future()
    left = TIMERS
    delays = random.Random(1)

    def step():
        nonlocal left
        left -= 1
        if left == 0:
            finished.set_result(None)

    for _ in range(TIMERS):
        loop.call_later(delays.uniform(0.001, 0.05), step)
    await finished
    return TIMERS


async def sleep(loop):
    delays = random.Random(1)
    await asyncio.gather(*[asyncio.sleep(delays.uniform(0.001, 0.05)) for _ in range(SLEEPERS)])
    return SLEEPERS


async def timer_cancel(loop):
    handles = [loop.call_later(10 + number * 1e-5, int) for number in range(CANCELLED)]
    for handle in handles:
        handle.cancel()
    await asyncio.sleep(0)
    return CANCELLED


async def post(loop):
    finished = loop.create_future()

    def poster():
        for _ in range(POSTS):
            loop.call_soon_threadsafe(int)
        loop.call_soon_threadsafe(finished.set_result, None)

    threading.Thread(target=poster).start()
    await finished
    return POSTS


async def ping(loop):
    """Round trips between a thread and the loop, which sleeps in its poll meanwhile."""
    finished = loop.create_future()
    answers = threading.Semaphore(0)

    def pinger():
        for _ in range(ROUND_TRIPS):
            loop.call_soon_threadsafe(answers.release)
            answers.acquire()
        loop.call_soon_threadsafe(finished.set_result, None)

    threading.Thread(target=pinger).start()
    await finished
    return ROUND_TRIPS


async def lock(loop):
    mutex = asyncio.Lock()
    for _ in range(AWAITS):
        await mutex.acquire()
        mutex.release()
    return AWAITS


async def semaphore(loop):
    permits = asyncio.Semaphore(2)
    for _ in range(AWAITS):
        await permits.acquire()
        permits.release()
    return AWAITS


async def lock_100(loop):
    mutex = asyncio.Lock()

    async def take_turns():
        for _ in range(TURNS):
            await mutex.acquire()
            await asyncio.sleep(0)
            mutex.release()

    await asyncio.gather(*[take_turns() for _ in range(TASKS)])
    return TASKS * TURNS


async def queue_1(loop):
    return await through(asyncio.Queue(1))


async def queue_100(loop):
    return await through(asyncio.Queue(100))


async def through(queue):
    async def produce():
        for number in range(ITEMS):
            await queue.put(number)

    producer = asyncio.create_task(produce())
    for number in range(ITEMS):
        assert await queue.get() == number
    await producer
    return ITEMS


async def parked():
    """Tasks that wait for a future of their own each, the future included."""

    async def wait(future):
        await future

    loop = asyncio.get_running_loop()
    futures, tasks = [None] * PARKED, [None] * PARKED
    gc.collect()
    before, wall, cpu = resident(), time.perf_counter_ns(), time.process_time_ns()
    for i in range(PARKED):
        futures[i] = loop.create_future()
        tasks[i] = loop.create_task(wait(futures[i]))
    await asyncio.sleep(0)
    park = time.process_time_ns() - cpu
    after = resident()
    for future in futures:
        future.set_result(None)
    await asyncio.gather(*tasks)
    return {
        "ns": (time.perf_counter_ns() - wall) / PARKED,
        "cpu_ns": (time.process_time_ns() - cpu) / PARKED,
        "park_cpu_ns": park / PARKED,
        "rss_bytes": (after - before) / PARKED,
    }


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def sample(primitive, seconds):
    """Repeats the primitive for so long on the CPU; nanoseconds an operation, wall and CPU."""

    async def repeat():
        loop = asyncio.get_running_loop()
        operations = 0
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        while True:
            operations += await primitive(loop)
            used = time.process_time_ns() - cpu
            if used >= seconds * 1e9:
                return (time.perf_counter_ns() - wall) / operations, used / operations

    gc.collect()
    return asyncio.run(repeat())


def measure(primitive, warm, seconds):
    sample(primitive, warm)
    samples = [sample(primitive, seconds) for _ in range(SAMPLES)]
    wall, cpu = (sorted(column)[SAMPLES // 2] for column in zip(*samples))
    return {"ns": wall, "cpu_ns": cpu}


PRIMITIVES = {
    function.__name__: function
    for function in (
        call_soon, switch, spawn, queue_1, queue_100, call_later, sleep, timer_cancel, lock,
        lock_100, semaphore, await_done, await_soon, post, ping)
}

if len(sys.argv) != 5 or sys.argv[1] not in ("asyncio", "uvloop"):
    sys.exit(__doc__.split("\n\n")[1])
name = sys.argv[2]
if sys.argv[1] == "uvloop":
    import uvloop

    uvloop.install()
if name == "parked":
    print(json.dumps(asyncio.run(parked())))
elif name in PRIMITIVES:
    print(json.dumps(measure(PRIMITIVES[name], float(sys.argv[3]), float(sys.argv[4]))))
else:
    sys.exit(NO_SUCH_PRIMITIVE)
