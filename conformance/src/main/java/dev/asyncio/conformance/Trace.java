package dev.asyncio.conformance;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Asyncio;
import dev.asyncio.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The lines that a case emits. They end with the loop: the tasks that are unwound when it closes
 * are not heard any more.
 *
 * <p>A case that is broken off is remembered here, because a task swallows what is thrown in it.
 */
final class Trace {

  private static final int STATEMENTS_AT_MOST = 200_000;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final Pattern DEFAULT_NAME = Pattern.compile("Task-(\\d+)");

  private final AbstractEventLoop loop;
  private final List<String> lines = new ArrayList<>();
  private long tasksBefore = -1;
  private int statements;
  private @Nullable CaseAborted aborted;

  Trace(AbstractEventLoop loop) {
    this.loop = loop;
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  /** Adds a line with the loop's time and the name of the task that is running, if any. */
  void emit(String text) {
    if (!isOver()) {
      add(text);
    }
  }

  /** Adds the line that tells how closing the loop went. */
  void emitLast(String text) {
    add(text);
  }

  private void add(String text) {
    lines.add(timeText(loop.time().toNanos()) + " " + currentName() + ": " + text);
  }

  /** To be called before each statement: ends a case that goes on for too long or is over. */
  void step() {
    if (aborted != null) {
      throw aborted;
    }
    if (isOver()) {
      throw new Runaway("goes on after its end");
    }
    if (++statements > STATEMENTS_AT_MOST) {
      throw abort(new Runaway("more than " + STATEMENTS_AT_MOST + " statements"));
    }
  }

  /** Breaks the case off; the first reason is the one that counts. */
  CaseAborted abort(CaseAborted reason) {
    if (aborted == null) {
      aborted = reason;
    }
    return reason;
  }

  @Nullable CaseAborted aborted() {
    return aborted;
  }

  private boolean isOver() {
    return aborted != null || loop.isClosed();
  }

  /** Tells the trace that this task is the first of the case, so default names count from it. */
  void firstTask(Task<?> first) {
    if (tasksBefore < 0) {
      Matcher name = DEFAULT_NAME.matcher(first.getName());
      tasksBefore = name.matches() ? Long.parseLong(name.group(1)) - 1 : 0;
    }
  }

  /** A task's name; a default one is counted from the beginning of the case. */
  String nameOf(Task<?> task) {
    String name = task.getName();
    Matcher number = DEFAULT_NAME.matcher(name);
    return number.matches() ? "Task-" + (Long.parseLong(number.group(1)) - tasksBefore) : name;
  }

  private String currentName() {
    Task<?> task = currentTask();
    return task == null ? "-" : nameOf(task);
  }

  /** The task that is running, or null in a callback and between runs. */
  static @Nullable Task<?> currentTask() {
    return AbstractEventLoop.runningOrNull() == null ? null : Asyncio.currentTask();
  }

  private static String timeText(long nanos) {
    long millis = (nanos + NANOS_PER_MILLI / 2) / NANOS_PER_MILLI;
    return "%d.%03d".formatted(millis / 1000, millis % 1000);
  }
}
