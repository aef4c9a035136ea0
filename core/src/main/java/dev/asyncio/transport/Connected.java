package dev.asyncio.transport;

/**
 * A transport together with the protocol that drives it: what the loop's connecting methods end
 * with.
 */
public record Connected<T extends BaseTransport, P extends BaseProtocol>(T transport, P protocol) {}
