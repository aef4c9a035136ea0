import dev.asyncio.bench.Sampling
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import java.util.concurrent.Semaphore
import kotlin.concurrent.thread
import kotlin.coroutines.ContinuationInterceptor
import kotlin.random.Random
import kotlin.time.Duration.Companion.nanoseconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.Semaphore as CoroutineSemaphore
import kotlinx.coroutines.yield

/**
 * The primitives on kotlinx.coroutines, one thread: the event loop of runBlocking.
 *
 * Arguments: see PeerPrimitives. Its timer_cancel is a coroutine in delay that is cancelled.
 */
object KotlinPrimitives {
    private fun workload(operations: Int, body: suspend CoroutineScope.() -> Unit) = Callable {
        runBlocking { body() }
        operations
    }

    private fun through(size: Int) = workload(100_000) {
        val queue = Channel<Int>(size)
        val producer = launch { for (i in 0 until 100_000) queue.send(i) }
        repeat(100_000) { queue.receive() }
        producer.join()
    }

    private fun CoroutineScope.loop() = coroutineContext[ContinuationInterceptor] as CoroutineDispatcher

    private val workloads = mapOf(
        "switch" to workload(100_000) { List(100) { launch { repeat(1_000) { yield() } } }.joinAll() },
        "spawn" to workload(10_000) { List(10_000) { i -> async { i } }.awaitAll() },
        "queue_1" to through(1),
        "queue_100" to through(100),
        "sleep" to workload(100_000) {
            val random = Random(1)
            List(100_000) { launch { delay((1_000_000 + random.nextInt(49_000_000)).nanoseconds) } }.joinAll()
        },
        "timer_cancel" to workload(1_000_000) {
            val timers = Array(1_000_000) { i ->
                launch(start = CoroutineStart.UNDISPATCHED) { delay(10_000L + i / 100) }
            }
            for (timer in timers) timer.cancel()
        },
        "lock" to workload(100_000) {
            val lock = Mutex()
            repeat(100_000) { lock.lock(); lock.unlock() }
        },
        "lock_100" to workload(10_000) {
            val lock = Mutex()
            List(100) { launch { repeat(100) { lock.lock(); yield(); lock.unlock() } } }.joinAll()
        },
        "semaphore" to workload(100_000) {
            val permits = CoroutineSemaphore(2)
            repeat(100_000) { permits.acquire(); permits.release() }
        },
        "await_done" to workload(100_000) {
            val done = List(1_000) { i -> CompletableDeferred(i) }
            var sum = 0
            repeat(100) { for (future in done) sum += future.await() }
            check(sum != 0)
        },
        "await_soon" to workload(100_000) {
            repeat(100_000) {
                val result = CompletableDeferred<Int>()
                launch { result.complete(1) }
                result.await()
            }
        },
        "post" to workload(100_000) {
            val loop = loop()
            val finished = CompletableDeferred<Unit>()
            thread {
                repeat(100_000) { loop.dispatch(loop) { } }
                finished.complete(Unit)
            }
            finished.await()
        },
        "ping" to workload(5_000) {
            val loop = loop()
            val finished = CompletableDeferred<Unit>()
            thread {
                val answers = Semaphore(0)
                repeat(5_000) {
                    loop.dispatch(loop) { answers.release() }
                    answers.acquireUninterruptibly()
                }
                finished.complete(Unit)
            }
            finished.await()
        },
    )

    /** Tasks on one event, in a thread of their own, since runBlocking waits for its children. */
    private class Parking : Sampling.Parking {
        private val loop = Executors.newSingleThreadExecutor().asCoroutineDispatcher()
        private val scope = CoroutineScope(loop)
        private var event = CompletableDeferred<Unit>()
        private var tasks = emptyList<Job>()

        override fun park(count: Int) = runBlocking(loop) {
            event = CompletableDeferred()
            tasks = List(count) { scope.launch { event.await() } }
            yield() // now each of them has run up to where it waits
        }

        override fun wake() = runBlocking(loop) {
            event.complete(Unit)
            tasks.joinAll()
            tasks = emptyList()
        }
    }

    @JvmStatic
    fun main(args: Array<String>) = PeerPrimitives.measure(args, workloads, Parking())
}
