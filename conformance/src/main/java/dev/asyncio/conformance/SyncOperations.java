package dev.asyncio.conformance;

import dev.asyncio.Condition;
import dev.asyncio.Event;
import dev.asyncio.Lock;
import dev.asyncio.Queue;
import dev.asyncio.Semaphore;
import dev.asyncio.Timeout;
import org.jspecify.annotations.Nullable;

/** The statements on locks, events, conditions, queues and timeouts that do not wait. */
final class SyncOperations {

  private final Expressions expressions;

  SyncOperations(Expressions expressions) {
    this.expressions = expressions;
  }

  @Nullable Object perform(Term.Call call, Activation self) {
    if (call.op().equals("get_nowait")) {
      return Awaitables.queue(call, self).getNowait();
    }
    switch (call.op()) {
      case "release" -> release(call.name(0), self);
      case "set" -> self.get(call.name(0), Event.class).set();
      case "clear" -> self.get(call.name(0), Event.class).clear();
      case "notify" -> signal(call, self);
      case "notify_all" -> self.get(call.name(0), Condition.class).signalAll();
      case "put_nowait" -> putNowait(call, self);
      case "task_done" -> self.get(call.name(0), Queue.class).taskDone();
      case "shutdown" -> shutdown(call, self);
      case "reschedule" -> reschedule(call, self);
      default -> throw new BadProgram("no statement: " + call.op());
    }
    return null;
  }

  private static void release(String name, Activation self) {
    switch (self.get(name)) {
      case Lock lock -> lock.release();
      case Semaphore semaphore -> semaphore.release();
      case Condition condition -> condition.release();
      case null, default -> throw new BadProgram(name + " cannot be released");
    }
  }

  private void signal(Term.Call call, Activation self) {
    Condition condition = self.get(call.name(0), Condition.class);
    if (call.size() > 1) {
      condition.signal(Values.integer(expressions.evaluate(call.arg(1), self)));
    } else {
      condition.signal();
    }
  }

  private void putNowait(Term.Call call, Activation self) {
    Queue<@Nullable Object> queue = Awaitables.queue(call, self);
    queue.putNowait(expressions.evaluate(call.arg(1), self));
  }

  private void shutdown(Term.Call call, Activation self) {
    Queue<@Nullable Object> queue = Awaitables.queue(call, self);
    if (call.size() > 1) {
      queue.shutdown(expressions.isTrue(call.arg(1), self));
    } else {
      queue.shutdown();
    }
  }

  private void reschedule(Term.Call call, Activation self) {
    Timeout timeout = self.get(call.name(0), Timeout.class);
    timeout.reschedule(Values.durationOrNull(expressions.evaluate(call.arg(1), self)));
  }
}
