package dev.asyncio.conformance.stress;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What a program is mostly about: which moves are likely in it. */
enum Area {
  TASKS(
      often(Move.SPAWN, Move.AWAIT_TASK, Move.CALL),
      seldom(Move.NAMES, Move.ON_DONE, Move.KEEP_COROUTINE, Move.VOLLEY)),
  FUTURES(
      often(Move.AWAIT_FUTURE, Move.RESOLVE),
      seldom(Move.ON_DONE, Move.NEW_FUTURE, Move.KEEP_FUTURE, Move.VOLLEY)),
  CANCEL(
      often(Move.CANCEL, Move.AWAIT_TASK),
      seldom(Move.CANCEL_SELF, Move.UNCANCEL, Move.CLEAN_UP, Move.CALL, Move.SPAWN, Move.SHIELD)),
  TIMEOUTS(
      often(Move.TIMEOUT, Move.WAIT_FOR),
      seldom(Move.RESCHEDULE, Move.CANCEL, Move.CANCEL_SELF, Move.UNCANCEL, Move.VOLLEY)),
  GROUPS(
      often(Move.TASK_GROUP, Move.GATHER),
      seldom(
          Move.JOIN_GROUP,
          Move.WAIT,
          Move.AS_COMPLETED,
          Move.SHIELD,
          Move.CANCEL,
          Move.KEEP_FUTURE)),
  WAITING(
      often(Move.WAIT, Move.AS_COMPLETED, Move.GATHER, Move.SHIELD),
      seldom(Move.CANCEL, Move.RESOLVE, Move.KEEP_FUTURE, Move.VOLLEY)),
  LOCKS(
      often(Move.LOCK, Move.CONDITION, Move.SEMAPHORE),
      seldom(Move.EVENT, Move.BARRIER, Move.CANCEL, Move.VOLLEY, Move.WAIT_FOR)),
  SIGNALS(
      often(Move.EVENT, Move.CONDITION, Move.BARRIER),
      seldom(Move.LOCK, Move.CANCEL, Move.VOLLEY, Move.WAIT_FOR)),
  QUEUES(often(Move.QUEUE), seldom(Move.QUEUE_END, Move.CANCEL, Move.VOLLEY, Move.WAIT_FOR)),
  EAGER(
      often(Move.SPAWN, Move.TASK_GROUP, Move.GATHER),
      seldom(Move.TASK_FACTORY, Move.AWAIT_TASK, Move.LOCK, Move.WAIT_FOR, Move.SHIELD, Move.WAIT),
      seldom(Move.AS_COMPLETED, Move.CONTEXT, Move.TIMEOUT, Move.CANCEL, Move.KEEP_COROUTINE)),
  CONTEXT(
      often(Move.VARIABLE, Move.CONTEXT),
      seldom(Move.TOKEN, Move.CALL_BACK, Move.SPAWN, Move.CALL, Move.ON_DONE, Move.GATHER),
      once(Move.TASK_FACTORY)),
  CALLBACKS(
      often(Move.CALL_BACK),
      seldom(Move.HANDLE, Move.ON_DONE, Move.AWAIT_FUTURE, Move.RESOLVE, Move.VOLLEY, Move.STOP),
      once(Move.MANY_TIMERS)),
  ENDINGS(
      often(Move.CLEAN_UP, Move.SPAWN, Move.CANCEL),
      seldom(Move.CALL_BACK, Move.SHIELD, Move.STOP, Move.TASK_GROUP, Move.QUEUE, Move.QUIT)),
  MIXED(
      seldom(Move.SPAWN, Move.AWAIT_TASK, Move.CALL, Move.KEEP_COROUTINE, Move.CANCEL),
      seldom(Move.CANCEL_SELF, Move.UNCANCEL, Move.AWAIT_FUTURE, Move.RESOLVE, Move.ON_DONE),
      seldom(Move.GATHER, Move.SHIELD, Move.WAIT, Move.AS_COMPLETED, Move.KEEP_FUTURE),
      seldom(Move.TIMEOUT, Move.WAIT_FOR, Move.RESCHEDULE, Move.TASK_GROUP, Move.JOIN_GROUP),
      seldom(Move.LOCK, Move.EVENT, Move.CONDITION, Move.SEMAPHORE, Move.BARRIER, Move.QUEUE),
      seldom(Move.TASK_FACTORY, Move.VARIABLE, Move.CONTEXT, Move.CALL_BACK, Move.VOLLEY));

  private final Map<Move, Integer> typical = new EnumMap<>(Move.class);
  private final Map<Move, Integer> weights;

  @SafeVarargs
  Area(Map<Move, Integer>... parts) {
    for (var part : parts) {
      typical.putAll(part);
    }
    weights = new EnumMap<>(typical);
    always().forEach((move, weight) -> weights.merge(move, weight, Integer::sum));
  }

  /** What happens in programs of every area. */
  private static Map<Move, Integer> always() {
    return Map.of(
        Move.TICK, 6,
        Move.SLEEP, 6,
        Move.STATE, 1,
        Move.RAISE, 1,
        Move.TRY, 5,
        Move.CLEAN_UP, 1,
        Move.CHOOSE, 1,
        Move.REPEAT, 1,
        Move.CANCEL, 1);
  }

  private static Map<Move, Integer> often(Move... moves) {
    return all(9, moves);
  }

  private static Map<Move, Integer> seldom(Move... moves) {
    return all(3, moves);
  }

  private static Map<Move, Integer> once(Move... moves) {
    return all(1, moves);
  }

  private static Map<Move, Integer> all(int weight, Move... moves) {
    var map = new EnumMap<Move, Integer>(Move.class);
    for (Move move : moves) {
      map.put(move, weight);
    }
    return map;
  }

  /** All moves of its programs, with their weights. */
  Map<Move, Integer> weights() {
    return weights;
  }

  /** The moves that it is about. */
  Map<Move, Integer> typical() {
    return typical;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
