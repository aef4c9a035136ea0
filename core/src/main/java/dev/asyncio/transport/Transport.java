package dev.asyncio.transport;

/**
 * A transport in both directions, such as a TCP connection.
 *
 * <p><b>Source:</b> CPython 3.14, {@code asyncio.Transport}.
 */
public interface Transport extends ReadTransport, WriteTransport {}
