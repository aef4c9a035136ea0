package dev.asyncio.tls;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Turns records into bytes and bytes into records, with an {@link SSLEngine}. It answers what the
 * handshake wants answered, and leaves to its owner what to do with the rest.
 *
 * <p>Records to send gather in a borrowed buffer while {@link #begin} and {@link #end} enclose the
 * work, and go to the transport in one write.
 *
 * <p><b>Threads:</b> loop only. The engine's own tasks are for other threads; until they are done
 * nothing here may be called.
 */
final class Codec {
  /** Why {@link #decrypt} has stopped. */
  enum Step {
    /** No whole record is left. */
    NEEDS_INPUT,
    /** The bytes have to be taken away first. */
    NEEDS_ROOM,
    /** The engine has {@link #tasks} to be run elsewhere. */
    NEEDS_TASKS,
    /** The handshake is done. */
    SHAKEN,
    /** The peer has said goodbye. */
    ENDED
  }

  private static final int HEADER = 5;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  final SSLEngine engine;
  private final Buffers buffers;
  private final Consumer<ByteBuffer> sink;

  private HandshakeStatus status = HandshakeStatus.NOT_HANDSHAKING; // as the engine said last
  private boolean handshaking; // from beginHandshake until the engine says that it is done
  private boolean shaken; // just now, and not told yet
  private @Nullable ByteBuffer out; // borrowed between begin and end
  private int depth;
  private boolean inEngine;

  /**
   * The engine filled the last buffer, so it may hold decrypted bytes of records that it took. The
   * JDK's takes no record that does not fit, native ones do.
   */
  private boolean hasMore;

  Codec(SSLEngine engine, Buffers buffers, Consumer<ByteBuffer> sink) {
    this.engine = engine;
    this.buffers = buffers;
    this.sink = sink;
  }

  /**
   * Whether a call of the engine is under way. It may be: on the carried engine a coroutine that
   * writes can be suspended by a lock in the JDK.
   */
  boolean inEngine() {
    return inEngine;
  }

  /** Whether {@link #decrypt} may give bytes without any more records. */
  boolean hasMore() {
    return hasMore;
  }

  void beginHandshake() throws SSLException {
    handshaking = true;
    engine.beginHandshake();
    status = engine.getHandshakeStatus();
  }

  // --- records out

  /** Opens a stretch of work; may be nested. What is to be sent gathers until its end. */
  void begin() {
    if (depth++ == 0) {
      out = buffers.borrow();
    }
  }

  /** Ends the stretch, and sends. */
  void end() {
    if (--depth == 0) {
      send();
      buffers.giveBack(Objects.requireNonNull(out));
      out = null;
    }
  }

  /** Sends what has gathered. Inside {@link #begin} and {@link #end}. */
  void send() {
    ByteBuffer records = Objects.requireNonNull(out);
    if (records.position() > 0) {
      sink.accept(records.flip());
      records.clear();
    }
  }

  /**
   * Encrypts what remains in {@code data}, as long as {@code willing} says; drops it once this end
   * has said goodbye. Inside {@link #begin} and {@link #end}.
   */
  void encrypt(ByteBuffer data, BooleanSupplier willing) throws SSLException {
    while (data.hasRemaining() && willing.getAsBoolean()) {
      if (!wrap(data)) {
        data.position(data.limit());
      }
      while (status == HandshakeStatus.NEED_WRAP && wrap(NOTHING)) {
        // new keys, after very much data
      }
    }
  }

  /** Says goodbye. Inside {@link #begin} and {@link #end}. */
  void closeOutput() throws SSLException {
    engine.closeOutbound();
    while (!engine.isOutboundDone() && wrap(NOTHING)) {
      // the goodbye may come behind an answer that is due
    }
    status = engine.getHandshakeStatus();
  }

  /** Tells the peer why, if the engine has failed. */
  void alert() {
    begin();
    try {
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        wrap(NOTHING);
      }
    } catch (SSLException again) {
      // the same failure: it is under way to the program already
    } finally {
      send();
      end();
    }
  }

  /** Makes one record, or several small ones; returns whether there is any hope for more. */
  private boolean wrap(ByteBuffer data) throws SSLException {
    while (true) {
      ByteBuffer records = Objects.requireNonNull(out);
      SSLEngineResult result;
      inEngine = true;
      try {
        result = engine.wrap(data, records);
      } finally {
        inEngine = false;
      }
      note(result);
      if (result.getStatus() != Status.BUFFER_OVERFLOW) {
        return result.getStatus() == Status.OK;
      }
      if (records.position() > 0) {
        send();
      } else {
        out = buffers.larger(records);
      }
    }
  }

  private void note(SSLEngineResult result) {
    status = result.getHandshakeStatus();
    if (status == HandshakeStatus.FINISHED) {
      shaken = handshaking;
      handshaking = false;
      status = engine.getHandshakeStatus();
    } else if (handshaking && status == HandshakeStatus.NOT_HANDSHAKING) {
      shaken = true; // as some providers say it
      handshaking = false;
    }
  }

  // --- records in

  /**
   * Decrypts records from {@code records} into {@code bytes} until something has to be done about
   * it, and makes the answers that are due. Inside {@link #begin} and {@link #end}.
   */
  Step decrypt(ByteBuffer records, ByteBuffer bytes) throws SSLException {
    while (true) {
      if (status == HandshakeStatus.NEED_TASK) {
        return Step.NEEDS_TASKS;
      }
      if (status == HandshakeStatus.NEED_WRAP) {
        boolean goingOn = wrap(NOTHING);
        if (shaken) {
          shaken = false;
          return Step.SHAKEN;
        }
        if (goingOn) {
          continue;
        }
      }
      if (engine.isInboundDone()) {
        return Step.ENDED;
      }
      if (!records.hasRemaining() && !hasMore) {
        return Step.NEEDS_INPUT;
      }
      Status outcome = unwrap(records, bytes);
      hasMore = !bytes.hasRemaining();
      if (shaken) {
        shaken = false;
        return Step.SHAKEN;
      }
      switch (outcome) {
        case OK -> {
          if (hasMore) {
            return Step.NEEDS_ROOM;
          }
        }
        case BUFFER_UNDERFLOW -> {
          return Step.NEEDS_INPUT;
        }
        case BUFFER_OVERFLOW -> {
          return Step.NEEDS_ROOM;
        }
        case CLOSED -> {
          return Step.ENDED;
        }
      }
    }
  }

  private Status unwrap(ByteBuffer records, ByteBuffer bytes) throws SSLException {
    inEngine = true;
    try {
      SSLEngineResult result = engine.unwrap(records, bytes);
      note(result);
      return result.getStatus();
    } finally {
      inEngine = false;
    }
  }

  /** How many bytes are missing to make a whole record, or its header, of what is there. */
  static int missing(ByteBuffer start) {
    if (start.remaining() < HEADER) {
      return HEADER - start.remaining();
    }
    int length = start.getShort(start.position() + HEADER - 2) & 0xFFFF;
    int missing = HEADER + length - start.remaining();
    return missing > 0 ? missing : HEADER + length; // no record at all, as the engine will find out
  }

  /** What the engine wants to have computed; its own state goes on after all have run. */
  List<Runnable> tasks() {
    List<Runnable> tasks = new ArrayList<>(2);
    for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
      tasks.add(task);
    }
    return tasks;
  }

  void tasksDone() {
    status = engine.getHandshakeStatus();
  }
}
