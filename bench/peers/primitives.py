"""The primitives in CPython's asyncio, the same shapes as in Primitives.java.

Reads names from stdin, one a line, and answers each with a line of JSON: nanoseconds an operation,
by the wall clock and by the CPU clock of the process (or bytes, for the parked tasks).
"""

import asyncio
import gc
import json
import os
import random
import sys
import threading
import time

WARM_SECONDS, SAMPLE_SECONDS, SAMPLES = 0.2, 0.5, 3
TASKS, YIELDS, TRIVIAL, AWAITS, SLEEPERS, TIMERS, POSTS, CALLBACKS, ITEMS, TURNS, PARKED = (
    100, 1_000, 10_000, 100_000, 100_000, 100_000, 100_000, 100_000, 100_000, 100, 1_000_000)


async def switch(loop):
    async def spin():
        for _ in range(YIELDS):
            await asyncio.sleep(0)

    await asyncio.gather(*[spin() for _ in range(TASKS)])
    return TASKS * YIELDS


async def spawn_join(loop):
    async def trivial(number):
        return number

    await asyncio.gather(*[trivial(number) for number in range(TRIVIAL)])
    return TRIVIAL


async def completed_await(loop):
    done = loop.create_future()
    done.set_result(1)
    for _ in range(AWAITS):
        await done
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


async def timers(loop):
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


async def sleeps(loop):
    delays = random.Random(1)
    await asyncio.gather(*[asyncio.sleep(delays.uniform(0.001, 0.05)) for _ in range(SLEEPERS)])
    return SLEEPERS


async def timer_cancel(loop):
    handles = [loop.call_later(10 + number * 1e-5, int) for number in range(TIMERS)]
    for handle in handles:
        handle.cancel()
    await asyncio.sleep(0)
    return TIMERS


async def post(loop):
    finished = loop.create_future()

    def poster():
        for _ in range(POSTS):
            loop.call_soon_threadsafe(int)
        loop.call_soon_threadsafe(finished.set_result, None)

    threading.Thread(target=poster).start()
    await finished
    return POSTS


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
    """Resident bytes of a task that waits for a future of its own, the future included."""

    async def wait(future):
        await future

    loop = asyncio.get_running_loop()
    futures, tasks = [None] * PARKED, [None] * PARKED
    gc.collect()
    before = resident()
    for i in range(PARKED):
        futures[i] = loop.create_future()
        tasks[i] = loop.create_task(wait(futures[i]))
    await asyncio.sleep(0)
    gc.collect()
    after = resident()
    for future in futures:
        future.set_result(None)
    await asyncio.gather(*tasks)
    return {"bytes": (after - before) / PARKED}


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


def measure(primitive):
    sample(primitive, WARM_SECONDS)
    samples = [sample(primitive, SAMPLE_SECONDS) for _ in range(SAMPLES)]
    wall, cpu = (sorted(column)[SAMPLES // 2] for column in zip(*samples))
    return {"ns": wall, "cpu_ns": cpu}


PRIMITIVES = {
    function.__name__: function
    for function in (
        switch, spawn_join, completed_await, call_soon, timers, sleeps, timer_cancel, post,
        lock, semaphore, lock_100, queue_1, queue_100)
}

for line in sys.stdin:
    name = line.strip()
    result = asyncio.run(parked()) if name == "parked" else measure(PRIMITIVES[name])
    print(json.dumps({"name": name, **result}), flush=True)
