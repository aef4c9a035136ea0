package dev.asyncio.tls;

import dev.asyncio.net.IoLoop;
import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.Transport;
import dev.asyncio.transport.WriteBufferLimits;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A connection under TLS as the program's protocol sees it. It cannot be half-closed: TLS has one
 * end for both directions.
 *
 * <p>Writes within one {@code dataReceived} go out together; any other is sent at once. {@code
 * close()} sends what is buffered and says goodbye, then waits for the peer's goodbye, for as long
 * as the shutdown timeout says.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> CPython 3.14, {@code
 * sslproto._SSLProtocolTransport}.
 */
final class TlsTransport implements Transport {
  private final IoLoop io;
  private final TlsProtocol tls;

  TlsTransport(IoLoop io, TlsProtocol tls) {
    this.io = io;
    this.tls = tls;
  }

  @Override
  public void write(ByteBuffer data) {
    io.checkCaller("transport.write()");
    tls.write(data);
  }

  @Override
  public void writeLines(Iterable<ByteBuffer> data) {
    io.checkCaller("transport.writeLines()");
    tls.writeLines(data);
  }

  @Override
  public boolean canWriteEof() {
    return false;
  }

  @Override
  public void writeEof() {
    throw new UnsupportedOperationException(
        "TLS cannot end one direction alone; close() the connection, or agree on an end in the"
            + " data");
  }

  @Override
  public boolean isReading() {
    return tls.isReading();
  }

  @Override
  public void pauseReading() {
    io.checkCaller("transport.pauseReading()");
    tls.program().readingPaused(true);
  }

  @Override
  public void resumeReading() {
    io.checkCaller("transport.resumeReading()");
    tls.resumeReading();
  }

  @Override
  public long getWriteBufferSize() {
    return tls.waitingBytes();
  }

  @Override
  public WriteBufferLimits getWriteBufferLimits() {
    return tls.program().limits();
  }

  @Override
  public void setWriteBufferLimits(WriteBufferLimits limits) {
    io.checkCaller("transport.setWriteBufferLimits()");
    tls.program().limits(limits, tls.waitingBytes());
  }

  /** Puts the default marks of a TLS transport back: 512 KiB high, a quarter of it low. */
  @Override
  public void setWriteBufferLimits() {
    setWriteBufferLimits(Program.WRITE_LIMITS);
  }

  @Override
  public void setProtocol(BaseProtocol protocol) {
    io.checkCaller("transport.setProtocol()");
    tls.program().bind(protocol);
  }

  @Override
  public BaseProtocol getProtocol() {
    return tls.program().protocol();
  }

  @Override
  public void close() {
    io.checkCaller("transport.close()");
    tls.close();
  }

  @Override
  public void abort() {
    io.checkCaller("transport.abort()");
    tls.abort();
  }

  @Override
  public boolean isClosing() {
    return tls.isClosing();
  }

  @Override
  public @Nullable Object getExtraInfo(String name) {
    return tls.getExtraInfo(name);
  }

  @Override
  public String toString() {
    return "TlsTransport[" + tls + "]";
  }
}
