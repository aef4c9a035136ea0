/**
 * How bytes move: sockets under transports, listening and connecting. Not exported.
 *
 * <p>Bytes in: the loop finds a channel ready, {@link dev.asyncio.net.SocketTransport} reads it
 * into the loop's shared buffer and hands that to the protocol. Bytes out: the transport asks the
 * socket at once and keeps the rest in a {@code WriteBuffer}, over which {@code FlowControl} tells
 * the protocol to pause and to go on. {@link dev.asyncio.net.Connector} and {@link
 * dev.asyncio.net.ListeningServer} make transports; {@link dev.asyncio.net.IoLoop} is all they know
 * of the loop.
 */
@NullMarked
package dev.asyncio.net;

import org.jspecify.annotations.NullMarked;
