/**
 * asyncio for Java: one loop thread, coroutines that read like straight code.
 *
 * <p>Start with {@link dev.asyncio.Asyncio}.
 */
module dev.asyncio {
  requires static org.jspecify;
  requires static com.google.errorprone.annotations;
  requires static jdk.unsupported; // sun.misc.Signal, for Ctrl-C; absent, the JVM handles it

  exports dev.asyncio; // run, await, Future, Task, TaskGroup, Timeout, Lock, Queue
  exports dev.asyncio.transport; // Transport, Protocol: plain interfaces
  exports dev.asyncio.stream; // StreamReader, StreamWriter
  exports dev.asyncio.process; // AsyncProcess: a child and its streams
  exports dev.asyncio.file; // AsyncFile, AsyncPath
  exports dev.asyncio.loop; // SelectorEventLoop and the base for loops of one's own
}
