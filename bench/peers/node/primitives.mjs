// The primitives on Node's promises and timers.  primitives.mjs NAME WARM_SECONDS SECONDS
//
// Prints nanoseconds an operation as a line of JSON; exit status 3 when there is no such primitive.
// A coroutine's switch is one of the microtask queue; callbacks are setImmediate's. Node has neither
// lock nor queue: those here are written by hand. Run with --expose-gc.
import { readFileSync } from 'node:fs';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const SAMPLES = 3, NO_SUCH_PRIMITIVE = 3, PARKED = 1_000_000;
const immediate = () => new Promise(resolve => setImmediate(resolve));
const all = (count, task) => Promise.all(Array.from({ length: count }, (_, i) => task(i)));
const delay = () => 1 + Math.random() * 49;

class Lock {
  held = false;
  waiters = [];
  first = 0;

  acquire() {
    if (this.held) return new Promise(resolve => this.waiters.push(resolve));
    this.held = true;
    return undefined;
  }

  release() {
    if (this.first === this.waiters.length) {
      this.held = false;
      return;
    }
    this.waiters[this.first++]();
    if (this.first > 1024) {
      this.waiters.splice(0, this.first);
      this.first = 0;
    }
  }
}

class Queue {
  items = [];
  getters = [];
  putters = [];

  constructor(size) {
    this.size = size;
  }

  async put(item) {
    while (this.items.length >= this.size) await new Promise(resolve => this.putters.push(resolve));
    this.items.push(item);
    this.getters.shift()?.();
  }

  async get() {
    while (!this.items.length) await new Promise(resolve => this.getters.push(resolve));
    const item = this.items.shift();
    this.putters.shift()?.();
    return item;
  }
}

async function through(size) {
  const queue = new Queue(size), items = 100_000;
  const producer = (async () => { for (let i = 0; i < items; i++) await queue.put(i); })();
  for (let i = 0; i < items; i++) await queue.get();
  await producer;
  return items;
}

async function thread(kind, count) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { kind, count } });
  worker.on('message', kind === 'ping' ? message => worker.postMessage(message) : () => {});
  await new Promise((resolve, reject) => worker.on('error', reject).on('exit', resolve));
  return count;
}

// Each returns how many operations it made.
const primitives = {
  async call_soon() {
    let left = 100_000;
    await new Promise(resolve => {
      const step = () => {
        left--;
        if (left >= 100) setImmediate(step);
        else if (left === 0) resolve();
      };
      for (let i = 0; i < 100; i++) setImmediate(step);
    });
    return 100_000;
  },
  async switch() {
    await all(100, async () => { for (let i = 0; i < 1000; i++) await null; });
    return 100_000;
  },
  async spawn() {
    await all(10_000, async i => i);
    return 10_000;
  },
  queue_1: () => through(1),
  queue_100: () => through(100),
  async call_later() {
    let left = 100_000;
    await new Promise(resolve => {
      const step = () => { if (--left === 0) resolve(); };
      for (let i = 0; i < 100_000; i++) setTimeout(step, delay());
    });
    return 100_000;
  },
  async sleep() {
    await all(100_000, async () => { await new Promise(resolve => setTimeout(resolve, delay())); });
    return 100_000;
  },
  async timer_cancel() {
    const handles = new Array(1e6), nothing = () => {};
    for (let i = 0; i < 1e6; i++) handles[i] = setTimeout(nothing, 10_000 + (i / 100 | 0));
    for (const handle of handles) clearTimeout(handle);
    await immediate();
    return 1e6;
  },
  async lock() {
    const lock = new Lock();
    for (let i = 0; i < 100_000; i++) {
      await lock.acquire();
      lock.release();
    }
    return 100_000;
  },
  async lock_100() {
    const lock = new Lock();
    await all(100, async () => {
      for (let i = 0; i < 100; i++) {
        await lock.acquire();
        await null;
        lock.release();
      }
    });
    return 10_000;
  },
  async await_done() {
    const done = Promise.resolve(1);
    for (let i = 0; i < 100_000; i++) await done;
    return 100_000;
  },
  async await_soon() {
    for (let i = 0; i < 100_000; i++) await new Promise(resolve => queueMicrotask(resolve));
    return 100_000;
  },
  post: () => thread('post', 1_000_000),
  ping: () => thread('ping', 5_000),
};

function cpuNanos() {
  const used = process.cpuUsage();
  return (used.user + used.system) * 1000;
}

async function sample(workload, seconds) {
  globalThis.gc?.();
  const wall = process.hrtime.bigint(), cpu = cpuNanos();
  let operations = 0, used;
  do {
    operations += await workload();
    used = cpuNanos() - cpu;
  } while (used < seconds * 1e9);
  return [Number(process.hrtime.bigint() - wall) / operations, used / operations];
}

async function measure(workload, warm, seconds) {
  await sample(workload, warm);
  const samples = [];
  for (let i = 0; i < SAMPLES; i++) samples.push(await sample(workload, seconds));
  const median = column => samples.map(x => x[column]).sort((a, b) => a - b)[SAMPLES >> 1];
  return { ns: median(0), cpu_ns: median(1) };
}

async function parked() {
  const resident = () => +readFileSync('/proc/self/statm', 'utf8').split(' ')[1] * 4096;
  const live = () => { globalThis.gc?.(); return process.memoryUsage().heapUsed; };
  const park = async count => {
    let wake;
    const event = new Promise(resolve => { wake = resolve; });
    const tasks = Array.from({ length: count }, async () => { await event; });
    await immediate();
    return async () => { wake(); await Promise.all(tasks); };
  };
  for (let i = 0; i < 20; i++) await (await park(20_000))();
  const heap = live(), rss = resident(), wall = process.hrtime.bigint(), cpu = cpuNanos();
  const wake = await park(PARKED);
  const parkWall = Number(process.hrtime.bigint() - wall), parkCpu = cpuNanos() - cpu;
  const held = { rss_bytes: (resident() - rss) / PARKED, heap_bytes: (live() - heap) / PARKED };
  const wakeWall = process.hrtime.bigint(), wakeCpu = cpuNanos();
  await wake();
  return {
    ns: (parkWall + Number(process.hrtime.bigint() - wakeWall)) / PARKED,
    cpu_ns: (parkCpu + cpuNanos() - wakeCpu) / PARKED,
    park_cpu_ns: parkCpu / PARKED,
    ...held,
  };
}

async function main(name, warm, seconds) {
  if (name === 'parked') console.log(JSON.stringify(await parked()));
  else if (!(name in primitives)) process.exit(NO_SUCH_PRIMITIVE);
  else console.log(JSON.stringify(await measure(primitives[name], warm, seconds)));
}

if (isMainThread) {
  await main(process.argv[2], +process.argv[3], +process.argv[4]);
} else if (workerData.kind === 'ping') {
  let answers = 0;
  parentPort.on('message', () => {
    answers++;
    if (answers < workerData.count) parentPort.postMessage(answers);
    else process.exit(0);
  });
  parentPort.postMessage(0);
} else {
  for (let i = 0; i < workerData.count; i++) parentPort.postMessage(i);
}
