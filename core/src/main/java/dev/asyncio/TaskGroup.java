package dev.asyncio;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that live and die together: the block does not end before all of them have, and the first
 * failure cancels the others.
 *
 * <pre>{@code
 * TaskGroup.run(group -> {
 *   group.createTask(readFrom(socket));
 *   group.createTask(writeTo(socket));
 * });
 * }</pre>
 *
 * <p>The failures come out as one {@link ExceptionGroup}, even when there is only one. A child that
 * ends cancelled is no failure.
 *
 * <p><b>Cancellation:</b> cancelling the task that runs the block cancels the children and waits
 * for them.
 *
 * <p><b>Threads:</b> loop only.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.TaskGroup}.
 */
public final class TaskGroup {

  /** The body of a group, with a result. */
  @FunctionalInterface
  public interface Body<R extends @Nullable Object> {
    /** Runs inside the task that called; the group waits for the children when it returns. */
    R run(TaskGroup group) throws Exception;
  }

  /** The body of a group, without a result. */
  @FunctionalInterface
  public interface Action {
    /** Runs inside the task that called; the group waits for the children when it returns. */
    void run(TaskGroup group) throws Exception;
  }

  private final AbstractEventLoop loop;
  private final Task<?> parent;

  /** The children that are not done, in the order of their creation. */
  private final Set<Task<?>> tasks = new LinkedHashSet<>();

  private final List<Throwable> errors = new ArrayList<>();
  private @Nullable Throwable fatal;
  private @Nullable Future<@Nullable Void> allDone;
  private boolean exiting;
  private boolean aborting;
  private boolean parentCancelRequested;

  private TaskGroup(AbstractEventLoop loop, Task<?> parent) {
    this.loop = loop;
    this.parent = parent;
  }

  /** Runs {@code body} and waits for the tasks it created, and those that these created. */
  public static <R extends @Nullable Object> R run(Body<R> body) {
    AbstractEventLoop loop = AbstractEventLoop.running();
    Task<?> parent = loop.now.task;
    if (parent == null) {
      throw new IllegalStateException(
          "TaskGroup cannot determine the parent task; run it inside a coroutine");
    }
    var group = new TaskGroup(loop, parent);
    R result = null;
    Throwable failure = null;
    try {
      result = body.run(group);
    } catch (Throwable e) { // the group decides what becomes of it
      failure = parent.interruption(e);
    }
    group.exit(failure);
    return group.<R>present(result);
  }

  /** As {@link #run(Body)}, without a result. */
  @SuppressWarnings("overloads") // the shape of the lambda's block tells them apart
  public static void run(Action body) {
    TaskGroup.<@Nullable Void>run(group -> {
      body.run(group);
      return null;
    });
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // what the body gave, null where R allows it
  private <R extends @Nullable Object> R present(@Nullable Object result) {
    return (R) result;
  }

  /** Starts a child task. */
  public <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine) {
    return createTask(coroutine, TaskOptions.defaults());
  }

  /** Starts a child task with a name. */
  public <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine, String name) {
    return createTask(coroutine, TaskOptions.defaults().name(name));
  }

  /**
   * Starts a child task.
   *
   * @throws IllegalStateException if the group has ended or is shutting down; the coroutine is
   *     closed then
   */
  public <T extends @Nullable Object> Task<T> createTask(
      Coroutine<T> coroutine, TaskOptions options) {
    if (aborting || (exiting && tasks.isEmpty())) {
      coroutine.close();
      throw new IllegalStateException(
          aborting ? this + " is shutting down" : this + " is finished");
    }
    Task<T> task = loop.createTask(coroutine, options);
    tasks.add(task);
    task.addDoneCallback(this::childDone); // even if it is done: the group hears of it a turn later
    return task;
  }

  private void childDone(Future<?> future) {
    Task<?> task = (Task<?>) future;
    tasks.remove(task);
    if (allDone != null && tasks.isEmpty()) {
      Futures.release(allDone);
    }
    Throwable e = task.cancelled() ? null : task.exception();
    if (e == null) {
      return;
    }
    errors.add(e);
    if (fatal == null && Errors.fatal(e)) {
      fatal = e;
    }
    if (parent.done()) {
      loop.callExceptionHandler(
          ExceptionContext.of(
                  "Task "
                      + task
                      + " has errored out but its parent task "
                      + parent
                      + " is already completed")
              .exception(e)
              .future(task));
    } else if (!aborting && !parentCancelRequested) {
      abort();
      parentCancelRequested = true;
      parent.cancel(); // gets it out of whatever the body waits for
    }
  }

  private void abort() {
    aborting = true;
    for (Task<?> task : tasks) {
      if (!task.done()) {
        task.cancel();
      }
    }
  }

  /** Waits for the children and throws what has to leave the block, if anything. */
  private void exit(@Nullable Throwable bodyFailure) {
    exiting = true;
    if (bodyFailure != null) {
      if (fatal == null && Errors.fatal(bodyFailure)) {
        fatal = bodyFailure;
      }
      if (!aborting) {
        abort();
      }
    }
    CancelledError cancellation = bodyFailure instanceof CancelledError c ? c : null;
    CancelledError whileWaiting = awaitChildren();
    if (whileWaiting != null) {
      cancellation = whileWaiting;
    }
    if (fatal != null) {
      throw Errors.unchecked(fatal);
    }
    if (parentCancelRequested && parent.uncancel() == 0) {
      cancellation = null; // it was the group's own
    }
    if (cancellation != null && errors.isEmpty()) {
      throw cancellation;
    }
    if (bodyFailure != null && !(bodyFailure instanceof CancelledError)) {
      errors.add(bodyFailure);
    }
    if (!errors.isEmpty()) {
      if (parent.cancelling() > 0) { // also cancelled from outside: that must not get lost
        parent.uncancel();
        parent.cancel();
      }
      throw new ExceptionGroup("unhandled errors in a TaskGroup", errors);
    }
  }

  /** Returns the cancellation that came from outside meanwhile, if one did. */
  private @Nullable CancelledError awaitChildren() {
    CancelledError cancellation = null;
    while (!tasks.isEmpty()) { // cancelled repeatedly, it still waits
      allDone = loop.createFuture();
      try {
        Objects.requireNonNull(allDone).await();
      } catch (CancelledError e) {
        if (!aborting) {
          cancellation = e;
          abort();
        }
      }
      allDone = null;
    }
    return cancellation;
  }

  @Override
  public String toString() {
    return "<TaskGroup tasks="
        + tasks.size()
        + (errors.isEmpty() ? "" : " errors=" + errors.size())
        + (aborting ? " cancelling" : exiting ? " exiting" : "")
        + ">";
  }
}
