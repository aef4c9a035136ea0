package dev.asyncio;

import dev.asyncio.engine.Steps;
import dev.asyncio.engine.Strand;
import org.jspecify.annotations.Nullable;

/** What strands do on a loop: a task's coroutine, or a generator's body. */
final class LoopSteps implements Steps {

  private final AbstractEventLoop loop;

  LoopSteps(AbstractEventLoop loop) {
    this.loop = loop;
  }

  @Override
  public void live(Object owner) {
    if (owner instanceof Task<?> task) {
      task.live();
    } else {
      ((GeneratorBody<?>) owner).live();
    }
  }

  @Override
  public @Nullable Strand takeNext() {
    Task<?> task;
    while (!loop.hasFatal() && (task = loop.takeNextStep(false)) != null) {
      Strand strand = task.prepareStep();
      if (strand != null) {
        return strand;
      }
    }
    return null;
  }

  @Override
  public @Nullable Object takeFirstStep(Strand strand) {
    Task<?> task = loop.hasFatal() ? null : loop.takeNextStep(true);
    if (task != null) {
      task.beginOn(strand);
    }
    return task;
  }

  @Override
  public void unblocked(Strand strand, Object owner) {
    if (loop.isClosed()) {
      loop.ending.unblocked(strand);
    } else {
      loop.enqueueThreadsafe(() -> proceed(owner));
    }
  }

  private static void proceed(Object owner) {
    Task<?> task = owner instanceof GeneratorBody<?> generator ? generator.task() : (Task<?>) owner;
    if (task != null) {
      task.proceed();
    }
  }
}
