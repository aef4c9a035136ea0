package dev.asyncio.conformance;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Barrier;
import dev.asyncio.Condition;
import dev.asyncio.Context;
import dev.asyncio.ContextVar;
import dev.asyncio.Event;
import dev.asyncio.Future;
import dev.asyncio.Handle;
import dev.asyncio.Lock;
import dev.asyncio.Queue;
import dev.asyncio.Semaphore;
import dev.asyncio.Task;
import dev.asyncio.Timeout;
import dev.asyncio.TimerHandle;
import org.jspecify.annotations.Nullable;

/** The operations that have a value and change nothing, as statements and in expressions. */
final class Queries {

  private final Trace trace;

  Queries(Trace trace) {
    this.trace = trace;
  }

  @Nullable Object answer(Term.Call query, Activation self) {
    if (query.op().equals("time")) {
      return Values.seconds(AbstractEventLoop.running().time());
    }
    String name = query.name(0);
    return switch (query.op()) {
      case "done" -> future(name, self).done();
      case "cancelled" -> future(name, self).cancelled();
      case "result" -> future(name, self).result();
      case "exception" -> future(name, self).exception();
      case "cancelling" -> self.get(name, Task.class).cancelling();
      case "get_name" -> trace.nameOf(self.get(name, Task.class));
      case "handle_cancelled" -> self.get(name, Handle.class).cancelled();
      case "handle_when" -> Values.seconds(self.get(name, TimerHandle.class).when());
      case "locked" -> isLocked(name, self);
      case "is_set" -> self.get(name, Event.class).isSet();
      case "qsize" -> self.get(name, Queue.class).qsize();
      case "empty" -> self.get(name, Queue.class).empty();
      case "full" -> self.get(name, Queue.class).full();
      case "n_waiting" -> self.get(name, Barrier.class).nWaiting();
      case "broken" -> self.get(name, Barrier.class).broken();
      case "expired" -> self.get(name, Timeout.class).expired();
      case "deadline" -> Values.secondsOrNull(self.get(name, Timeout.class).when());
      case "var_get" -> self.get(name, ContextVar.class).get();
      case "ctx_get" -> valueIn(self.get(name, Context.class), query.name(1), self);
      case "cause" -> self.get(name, Throwable.class).getCause();
      default -> throw new BadProgram("no such operation: " + query.op());
    };
  }

  private static Future<?> future(String name, Activation self) {
    return self.get(name, Future.class);
  }

  private static boolean isLocked(String name, Activation self) {
    return switch (self.get(name)) {
      case Lock lock -> lock.locked();
      case Semaphore semaphore -> semaphore.locked();
      case Condition condition -> condition.locked();
      case null, default -> throw new BadProgram(name + " cannot be locked");
    };
  }

  /**
   * A variable's value in a context; a KeyError where it has none there, as for a Python mapping.
   */
  private static @Nullable Object valueIn(Context context, String variable, Activation self) {
    ContextVar<?> key = self.get(variable, ContextVar.class);
    if (!context.contains(key)) {
      throw new ProgramException(Kind.KEY_ERROR, variable);
    }
    return context.get(key);
  }
}
