/**
 * TLS: a protocol towards the network, a transport towards the program. Not exported.
 *
 * <p>{@link dev.asyncio.tls.TlsProtocol} is the life of a connection: handshake, data, the end. Its
 * {@code Codec} turns records into bytes and back with a {@link javax.net.ssl.SSLEngine}, and
 * {@code TlsTransport} is what the program's protocol gets to see. {@link dev.asyncio.tls.Tls} puts
 * them on connections; a transport of any kind may be underneath, TLS itself included.
 */
@NullMarked
package dev.asyncio.tls;

import org.jspecify.annotations.NullMarked;
