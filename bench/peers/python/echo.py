"""The echo server in Python.

echo.py asyncio|uvloop tcp|tls|udp|unix protocol|streams [CERTIFICATE_AND_KEY] PORT|/PATH

Says "listening on PORT|/PATH" on stdout when it is up. Datagrams have no streams.
"""

import asyncio
import socket
import ssl
import sys

BUFFER = 256 * 1024
BACKLOG = 4096
RECEIVE_BUFFER = 4 * 1024 * 1024  # for datagrams; the system takes what it allows


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


class EchoDatagrams(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data, addr)


async def serve(reader, writer):
    try:
        while data := await reader.read(BUFFER):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def serve_datagrams(port):
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        EchoDatagrams, local_addr=("127.0.0.1", port)
    )
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    print("listening on", sock.getsockname()[1], flush=True)
    await loop.create_future()


async def main(kind, style, *rest):
    loop = asyncio.get_running_loop()
    where = rest[-1]
    if kind == "udp":
        await serve_datagrams(int(where))
    elif kind == "unix":
        if style == "protocol":
            server = await loop.create_unix_server(Echo, where, backlog=BACKLOG)
        else:
            server = await asyncio.start_unix_server(serve, where, backlog=BACKLOG)
    else:
        options = {"host": "127.0.0.1", "port": int(where), "backlog": BACKLOG}
        if kind == "tls":
            options["ssl"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            options["ssl"].load_cert_chain(rest[0])
        if style == "protocol":
            server = await loop.create_server(Echo, **options)
        else:
            server = await asyncio.start_server(serve, **options)
    name = server.sockets[0].getsockname()
    print("listening on", name if kind == "unix" else name[1], flush=True)
    await server.serve_forever()


if (
    len(sys.argv) < 5
    or sys.argv[1] not in ("asyncio", "uvloop")
    or sys.argv[2] not in ("tcp", "tls", "udp", "unix")
    or sys.argv[3] not in (("protocol",) if sys.argv[2] == "udp" else ("protocol", "streams"))
):
    sys.exit(__doc__.split("\n\n")[1])
if sys.argv[1] == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run(main(*sys.argv[2:]))
