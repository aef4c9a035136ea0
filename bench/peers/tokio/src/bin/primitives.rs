//! The primitives on tokio's current_thread runtime.
//!
//! primitives NAME WARM_SECONDS SECONDS
//!
//! Prints nanoseconds an operation as a line of JSON; exit status 3 when there is no such primitive.
//! await_done is an uncontended semaphore.

use std::future::{poll_fn, Future};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, Mutex, Notify, Semaphore};
use tokio::task::yield_now;

const SAMPLES: usize = 3;
const NO_SUCH_PRIMITIVE: i32 = 3;
const PARKED: usize = 1_000_000;

async fn all<F>(count: usize, task: impl Fn(usize) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let tasks: Vec<_> = (0..count).map(|i| tokio::spawn(task(i))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn switch() -> usize {
    all(100, |_| async {
        for _ in 0..1_000 {
            yield_now().await
        }
    })
    .await;
    100_000
}

async fn spawn() -> usize {
    let tasks: Vec<_> = (0..10_000usize).map(|i| tokio::spawn(async move { i })).collect();
    for task in tasks {
        task.await.unwrap();
    }
    10_000
}

async fn through(size: usize) -> usize {
    const ITEMS: usize = 200_000;
    let (sender, mut receiver) = mpsc::channel(size);
    let producer = tokio::spawn(async move {
        for i in 0..ITEMS {
            sender.send(i).await.unwrap()
        }
    });
    while receiver.recv().await.is_some() {}
    producer.await.unwrap();
    ITEMS
}

async fn sleep() -> usize {
    let delay = |i| Duration::from_nanos(1_000_000 + (i as u64).wrapping_mul(2_654_435_761) % 49_000_000);
    all(100_000, |i| tokio::time::sleep(delay(i))).await;
    100_000
}

async fn timer_cancel() -> usize {
    let delay = |i| Duration::from_micros(10_000_000 + i * 10);
    let mut timers: Vec<_> = (0..1_000_000u64).map(|i| Box::pin(tokio::time::sleep(delay(i)))).collect();
    poll_fn(|context| {
        for timer in timers.iter_mut() {
            let _ = timer.as_mut().poll(context);
        }
        Poll::Ready(())
    })
    .await;
    1_000_000
}

async fn lock() -> usize {
    let lock = Mutex::new(0u64);
    for _ in 0..100_000 {
        *lock.lock().await += 1;
    }
    100_000
}

async fn lock_100() -> usize {
    let lock = Arc::new(Mutex::new(()));
    all(100, |_| {
        let lock = lock.clone();
        async move {
            for _ in 0..100 {
                let _held = lock.lock().await;
                yield_now().await;
            }
        }
    })
    .await;
    10_000
}

async fn semaphore() -> usize {
    let semaphore = Semaphore::new(2);
    for _ in 0..100_000 {
        let _permit = semaphore.acquire().await;
    }
    100_000
}

async fn await_soon() -> usize {
    for _ in 0..100_000 {
        let (sender, receiver) = oneshot::channel();
        tokio::spawn(async move {
            let _ = sender.send(1);
        });
        receiver.await.unwrap();
    }
    100_000
}

async fn ping() -> usize {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let pinger = std::thread::spawn(move || {
        for _ in 0..5_000 {
            sender.send(std::thread::current()).unwrap();
            std::thread::park();
        }
    });
    while let Some(thread) = receiver.recv().await {
        thread.unpark()
    }
    pinger.join().unwrap();
    5_000
}

async fn post() -> usize {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let poster = std::thread::spawn(move || {
        for i in 0..100_000 {
            sender.send(i).unwrap()
        }
    });
    while receiver.recv().await.is_some() {}
    poster.join().unwrap();
    100_000
}

/// Runs the primitive once; how many operations it made, or None when there is no such primitive.
async fn run(name: &str) -> Option<usize> {
    Some(match name {
        "switch" => switch().await,
        "spawn" => spawn().await,
        "queue_1" => through(1).await,
        "queue_100" => through(100).await,
        "sleep" => sleep().await,
        "timer_cancel" => timer_cancel().await,
        "lock" => lock().await,
        "lock_100" => lock_100().await,
        "semaphore" | "await_done" => semaphore().await,
        "await_soon" => await_soon().await,
        "ping" => ping().await,
        "post" => post().await,
        _ => return None,
    })
}

/// CPU time of the whole process.
fn cpu_nanos() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4096.0
}

/// Nanoseconds an operation, by the wall and by the CPU clock.
async fn sample(name: &str, seconds: f64) -> Option<(f64, f64)> {
    let (start, cpu, mut operations) = (Instant::now(), cpu_nanos(), 0);
    loop {
        operations += run(name).await?;
        let used = cpu_nanos() - cpu;
        if used >= seconds * 1e9 {
            let count = operations as f64;
            return Some((start.elapsed().as_nanos() as f64 / count, used / count));
        }
    }
}

async fn measure(name: &str, warm: f64, seconds: f64) -> Option<String> {
    sample(name, warm).await?;
    let (mut wall, mut cpu) = (vec![], vec![]);
    for _ in 0..SAMPLES {
        let sample = sample(name, seconds).await?;
        wall.push(sample.0);
        cpu.push(sample.1);
    }
    wall.sort_by(f64::total_cmp);
    cpu.sort_by(f64::total_cmp);
    Some(format!("{{\"ns\": {:.2}, \"cpu_ns\": {:.2}}}", wall[SAMPLES / 2], cpu[SAMPLES / 2]))
}

async fn parked() -> String {
    let event = Arc::new(Notify::new());
    let (rss, start, cpu) = (resident(), Instant::now(), cpu_nanos());
    let mut tasks = Vec::with_capacity(PARKED);
    for _ in 0..PARKED {
        let event = event.clone();
        tasks.push(tokio::spawn(async move { event.notified().await }));
    }
    yield_now().await;
    let (park, held) = (cpu_nanos() - cpu, resident() - rss);
    event.notify_waiters();
    for task in tasks {
        task.await.unwrap();
    }
    let each = |total: f64| total / PARKED as f64;
    format!(
        "{{\"ns\": {:.2}, \"cpu_ns\": {:.2}, \"park_cpu_ns\": {:.2}, \"rss_bytes\": {:.1}}}",
        each(start.elapsed().as_nanos() as f64),
        each(cpu_nanos() - cpu),
        each(park),
        each(held)
    )
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, name, warm, seconds] = &arguments[..] else {
        panic!("usage: primitives NAME WARM_SECONDS SECONDS")
    };
    let (name, warm, seconds) = (name.clone(), warm.parse().unwrap(), seconds.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(async move {
        // as a task: block_on's own future is woken in another way
        tokio::spawn(async move {
            if name == "parked" {
                Some(parked().await)
            } else {
                measure(&name, warm, seconds).await
            }
        })
        .await
        .unwrap()
    });
    match answer {
        Some(line) => println!("{line}"),
        None => std::process::exit(NO_SUCH_PRIMITIVE),
    }
}
