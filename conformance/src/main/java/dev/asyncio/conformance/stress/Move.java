package dev.asyncio.conformance.stress;

/** The kinds of things that the body of a coroutine does. */
enum Move {
  // of every program
  TICK,
  SLEEP,
  STATE,
  RAISE,
  TRY(true),
  CLEAN_UP(true),
  CHOOSE(true),
  REPEAT(true),

  SPAWN,
  AWAIT_TASK,
  CALL,
  NAMES,
  KEEP_COROUTINE,

  CANCEL,
  CANCEL_SELF,
  UNCANCEL,

  AWAIT_FUTURE,
  NEW_FUTURE,
  RESOLVE,
  ON_DONE,

  GATHER,
  SHIELD,
  WAIT,
  AS_COMPLETED(true),
  KEEP_FUTURE,

  TIMEOUT(true),
  WAIT_FOR,
  RESCHEDULE,

  TASK_GROUP(true),
  JOIN_GROUP,

  LOCK(true),
  EVENT,
  CONDITION(true),
  SEMAPHORE(true),
  BARRIER(true),

  QUEUE,
  QUEUE_END,

  TASK_FACTORY,

  VARIABLE,
  TOKEN(true),
  CONTEXT,

  CALL_BACK,
  HANDLE,
  MANY_TIMERS,
  STOP,
  QUIT,

  VOLLEY;

  private final boolean nests;

  Move() {
    this(false);
  }

  Move(boolean nests) {
    this.nests = nests;
  }

  /** Whether other moves stand inside it. */
  boolean nests() {
    return nests;
  }
}
