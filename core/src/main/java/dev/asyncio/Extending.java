package dev.asyncio;

import org.jspecify.annotations.Nullable;

/**
 * What authors of loops and of tasks need beyond {@link AbstractEventLoop}, {@link Task} and {@link
 * TaskFactory}; programs do not.
 *
 * <p>A loop usually extends {@link dev.asyncio.loop.BaseEventLoop} and says how it polls; a task
 * usually extends {@link Task} and is made through {@link TaskFactory#of}. Both need nothing from
 * here. Whoever schedules and steps tasks in a way of his own does.
 *
 * <p><b>Threads:</b> on the loop, except for {@link #getRunningLoop} and {@link #setRunningLoop}.
 *
 * <p><b>Source:</b> CPython 3.14, "Extending" in asyncio's manual.
 */
public final class Extending {

  private Extending() {}

  /**
   * Has {@link Asyncio#allTasks} show {@code task}, and the loop hold it, until it is done. {@link
   * Task#create} does so itself.
   */
  public static void registerTask(Task<?> task) {
    task.loop.tasks.add(task);
  }

  /** Takes {@code task} off the list again, which its end does too. */
  public static void unregisterTask(Task<?> task) {
    task.loop.tasks.remove(task);
  }

  /**
   * Makes {@code task} the current one, to which what follows in this callback belongs.
   *
   * @throws IllegalStateException if there is a current task
   */
  public static void enterTask(AbstractEventLoop loop, Task<?> task) {
    if (loop.now.task != null) {
      throw new IllegalStateException(
          "Cannot enter into task "
              + task
              + " while another task "
              + loop.now.task
              + " is being executed; leaveTask it before");
    }
    loop.now.innerScope = loop.now.scope(); // which stays as it is
    loop.now.task = task;
  }

  /**
   * Ends what {@link #enterTask} began.
   *
   * @throws IllegalStateException if {@code task} is not the current one
   */
  public static void leaveTask(AbstractEventLoop loop, Task<?> task) {
    if (loop.now.task != task) {
      throw new IllegalStateException(
          "Leaving task "
              + task
              + " does not match the current task "
              + loop.now.task
              + "; leave the one that was entered last");
    }
    loop.now.innerScope = loop.now.scope();
    loop.now.task = null;
  }

  /** The loop that the current thread is on, or null. */
  public static @Nullable AbstractEventLoop getRunningLoop() {
    return AbstractEventLoop.runningOrNull();
  }

  /**
   * Makes the current thread one on which {@code loop} runs, for {@link Asyncio#runningLoop} and
   * whatever asks that. Loops that are run by {@link AbstractEventLoop#runForever} do it
   * themselves.
   *
   * @param loop null if none runs here any longer
   */
  public static void setRunningLoop(@Nullable AbstractEventLoop loop) {
    AbstractEventLoop before = AbstractEventLoop.runningOrNull();
    if (before == loop) {
      return;
    }
    if (before != null) {
      before.now.detach();
    }
    if (loop != null) {
      loop.now.attach();
    }
  }
}
