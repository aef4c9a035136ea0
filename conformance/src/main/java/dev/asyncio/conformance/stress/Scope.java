package dev.asyncio.conformance.stress;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a statement stands: what it may await, and the names that are bound there.
 *
 * <p>A task awaits only tasks that were made before it, and those that its own body makes, and a
 * subroutine calls only later ones, so that nothing waits for itself or goes on for ever.
 */
final class Scope {

  private static final int DEEPEST = 3;

  private final Scope outermost;
  private final int level;
  private final int firstSub;
  private final int depth;
  private final boolean mayLeave;
  private final boolean inLoop;

  /** Coroutine objects in variables. A loop does not see those around it: each is for one use. */
  private final List<String> coroutines;

  // Kept by the outermost scope: names bound anywhere in the body.
  private final List<String> children = new ArrayList<>();
  private final List<String> kept = new ArrayList<>();
  private final List<String> handles = new ArrayList<>();
  private final List<String> timeouts = new ArrayList<>();

  private Scope(Scope around, boolean mayLeave, boolean inLoop, List<String> coroutines) {
    this.outermost = around.outermost;
    this.level = around.level;
    this.firstSub = around.firstSub;
    this.depth = around.depth + 1;
    this.mayLeave = mayLeave;
    this.inLoop = inLoop;
    this.coroutines = coroutines;
  }

  /**
   * A whole body.
   *
   * @param level it may await so many of the program's tasks, the first ones
   * @param firstSub it may call the subroutines from this one on
   */
  Scope(int level, int firstSub) {
    this.outermost = this;
    this.level = level;
    this.firstSub = firstSub;
    this.depth = 0;
    this.mayLeave = true;
    this.inLoop = false;
    this.coroutines = new ArrayList<>();
  }

  /** Inside a block. */
  Scope inner() {
    return new Scope(this, mayLeave, inLoop, coroutines);
  }

  /** Inside a loop, which a break leaves. */
  Scope loop() {
    return new Scope(this, mayLeave, true, new ArrayList<>());
  }

  /** Inside a finally clause, which neither return nor break may leave. */
  Scope last() {
    return new Scope(this, false, false, new ArrayList<>());
  }

  boolean mayNest() {
    return depth < DEEPEST;
  }

  boolean mayReturn() {
    return mayLeave;
  }

  boolean mayBreak() {
    return inLoop && mayLeave;
  }

  /** How many of the program's tasks may be awaited. */
  int level() {
    return level;
  }

  /** The first of the subroutines that may be called. */
  int firstSub() {
    return firstSub;
  }

  /** Tasks that this body makes. */
  List<String> children() {
    return outermost.children;
  }

  /** Futures that this body keeps in variables. */
  List<String> kept() {
    return outermost.kept;
  }

  /** Coroutine objects in variables, each for one use. */
  List<String> coroutines() {
    return coroutines;
  }

  List<String> handles() {
    return outermost.handles;
  }

  List<String> timeouts() {
    return outermost.timeouts;
  }
}
