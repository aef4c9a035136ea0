/**
 * Transports and protocols: the callback side of the network, as plain interfaces.
 *
 * <p>A <em>transport</em> moves bytes and is made by the loop; a <em>protocol</em> says what they
 * mean and is written by the user. The loop calls the protocol; the protocol calls the transport.
 * Neither suspends, so both can be used from any callback. Streams are built on top of them.
 *
 * <p>Nothing here depends on anything else in the library.
 */
@NullMarked
package dev.asyncio.transport;

import org.jspecify.annotations.NullMarked;
