/**
 * Streams: the network as reads and writes that suspend, built on transports and protocols.
 *
 * <p>{@link dev.asyncio.stream.StreamReaderProtocol} stands between the two worlds: the transport
 * calls it, it feeds a {@link dev.asyncio.stream.StreamReader} and lets {@link
 * dev.asyncio.stream.StreamWriter#drain()} wait. Reader and protocol may also be used directly, to
 * make a stream of anything else that delivers bytes.
 */
@NullMarked
package dev.asyncio.stream;

import org.jspecify.annotations.NullMarked;
