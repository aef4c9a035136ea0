"""The TLS echo server in CPython's asyncio or uvloop.

tls_echo.py asyncio|uvloop streams|protocol PORT CERTIFICATE_AND_KEY

Says "listening on PORT" on stdout when it is up.
"""

import asyncio
import ssl
import sys

BUFFER = 256 * 1024


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


async def serve(reader, writer):
    try:
        while data := await reader.read(BUFFER):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main(style, port, identity):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(identity)
    if style == "protocol":
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Echo, "127.0.0.1", port, backlog=4096, ssl=context)
    else:
        server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=4096, ssl=context)
    print("listening on", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if len(sys.argv) != 5 or sys.argv[2] not in ("streams", "protocol"):
    sys.exit("usage: tls_echo.py asyncio|uvloop streams|protocol PORT CERTIFICATE_AND_KEY")
if sys.argv[1] == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run(main(sys.argv[2], int(sys.argv[3]), sys.argv[4]))
