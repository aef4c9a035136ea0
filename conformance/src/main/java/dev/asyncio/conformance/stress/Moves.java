package dev.asyncio.conformance.stress;

/** Writes moves: which class knows how to write which. */
final class Moves {

  private final FlowMoves flows;
  private final TaskMoves tasks;
  private final FutureMoves futures;
  private final TimeMoves times;
  private final LockMoves locks;
  private final CallbackMoves callbacks;
  private final ContextMoves contexts;
  private final Acts acts;
  private final Author author;

  Moves(Author author) {
    this.author = author;
    this.acts = author.acts;
    this.callbacks = new CallbackMoves(author);
    this.flows = new FlowMoves(author);
    this.tasks = new TaskMoves(author);
    this.futures = new FutureMoves(author, callbacks);
    this.times = new TimeMoves(author);
    this.locks = new LockMoves(author);
    this.contexts = new ContextMoves(author, callbacks);
  }

  Body write(Move move, Scope scope) {
    return switch (move) {
      case TICK -> Body.of("tick", author.dice.between(1, 3));
      case SLEEP -> flows.sleep();
      case STATE -> flows.state(scope);
      case RAISE -> flows.raise();
      case TRY -> flows.attempt(scope);
      case CLEAN_UP -> flows.cleanUp(scope);
      case CHOOSE -> flows.choose(scope);
      case REPEAT -> flows.repeat(scope);
      case SPAWN -> tasks.spawn(scope);
      case AWAIT_TASK -> tasks.await(scope);
      case CALL -> Body.of("await", author.coroutine(scope));
      case NAMES -> tasks.names();
      case KEEP_COROUTINE -> tasks.keepCoroutine(scope);
      case CANCEL -> tasks.cancel(scope);
      case CANCEL_SELF -> tasks.cancelSelf();
      case UNCANCEL -> tasks.uncancel();
      case TASK_GROUP -> tasks.group(scope);
      case JOIN_GROUP -> tasks.joinGroup(scope);
      case TASK_FACTORY -> tasks.factory();
      case AWAIT_FUTURE -> futures.await(scope);
      case NEW_FUTURE -> futures.makeNew(scope);
      case RESOLVE -> acts.resolve(author.future());
      case ON_DONE -> futures.onDone(scope);
      case GATHER -> futures.gather(scope);
      case SHIELD -> futures.shield(scope);
      case WAIT -> futures.waitUntil(scope);
      case AS_COMPLETED -> futures.asCompleted(scope);
      case KEEP_FUTURE -> futures.keep(scope);
      case TIMEOUT -> times.timeout(scope);
      case WAIT_FOR -> times.waitFor(scope);
      case RESCHEDULE -> times.reschedule(scope);
      case LOCK -> locks.lock(scope);
      case EVENT -> locks.event(scope);
      case CONDITION -> locks.condition(scope);
      case SEMAPHORE -> locks.semaphore(scope);
      case BARRIER -> locks.barrier(scope);
      case QUEUE -> locks.queue(scope);
      case QUEUE_END -> locks.queueEnd(scope);
      case VARIABLE -> contexts.variable();
      case TOKEN -> contexts.token(scope);
      case CONTEXT -> contexts.context(scope);
      case CALL_BACK -> callbacks.call(scope);
      case HANDLE -> callbacks.handle(scope);
      case MANY_TIMERS -> callbacks.manyTimers();
      case STOP -> callbacks.stop();
      case QUIT -> flows.quit();
      case VOLLEY -> author.maybePause(50).add(author.metronome(20)).add(acts.volley(2, 4));
    };
  }
}
