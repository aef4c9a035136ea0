package dev.asyncio.engine;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A virtual thread that runs only while it has the turn. */
final class PortableStrand extends Strand implements Runnable {

  private final PortableEngine engine;
  private final Object owner;
  private final Thread thread;
  private boolean started;

  /** Who gets the turn when this strand stops, if not whoever is next: its caller, or the loop. */
  private @Nullable PortableStrand caller;

  private boolean alone;

  /** Who goes on in this strand's place, with its caller. */
  private @Nullable PortableStrand successor;

  /** Set by whoever gives the turn, before the unpark; cleared by this strand. */
  private volatile boolean turn;

  PortableStrand(PortableEngine engine, Object owner, @Nullable ClassLoader contextClassLoader) {
    this.engine = engine;
    this.owner = owner;
    this.thread = Thread.ofVirtual().inheritInheritableThreadLocals(false).unstarted(this);
    if (thread.getContextClassLoader() != contextClassLoader) {
      thread.setContextClassLoader(contextClassLoader);
    }
  }

  /** The thread's life. */
  @Override
  public void run() {
    engine.live(owner);
    engine.ended();
    passOn();
  }

  @Override
  public void resume() {
    engine.giveTo(this);
  }

  @Override
  public void resumeAlone() {
    alone = true;
    engine.giveTo(this);
  }

  @Override
  public void call(Strand callee) {
    var called = (PortableStrand) callee;
    called.caller = this;
    called.take();
    awaitTurn();
  }

  @Override
  public void suspend() {
    passOn();
    awaitTurn();
  }

  @Override
  public void switchTo(Strand next) {
    successor = (PortableStrand) next;
    passOn();
    awaitTurn();
  }

  @Override
  public void endIn(Strand next) {
    successor = (PortableStrand) next;
  }

  @Override
  public Object owner() {
    return owner;
  }

  @Override
  public boolean blocked() {
    return false;
  }

  @Override
  public boolean released() {
    return false;
  }

  @Override
  public void proceed() {
    throw new IllegalStateException(this + " cannot have been blocked");
  }

  @Override
  public Thread thread() {
    return thread;
  }

  /** Gets the turn from whoever has it. */
  void take() {
    if (started) {
      turn = true;
      LockSupport.unpark(thread);
    } else {
      started = true;
      thread.start();
    }
  }

  private void passOn() {
    PortableStrand next = successor;
    if (next != null) {
      successor = null;
      next.caller = caller;
      next.alone = alone;
      caller = null;
      alone = false;
    } else if (caller != null) {
      next = caller;
      caller = null;
    } else if (alone) {
      alone = false;
    } else {
      next = (PortableStrand) engine.takeNext();
    }
    if (next != null) {
      next.take();
    } else {
      engine.giveBack();
    }
  }

  private void awaitTurn() {
    boolean interrupted = false;
    while (!turn) {
      try {
        LockSupport.park(this);
      } catch (
          StackOverflowError e) { // the JVM cannot unmount so deep a stack, and the turn is given
        Thread.onSpinWait();
      }
      interrupted |= Thread.interrupted();
    }
    turn = false;
    if (interrupted) {
      thread.interrupt(); // kept for the coroutine, which may have been waiting for it
    }
  }

  @Override
  public String toString() {
    return "PortableStrand[" + thread + "]";
  }
}
