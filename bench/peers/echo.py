"""The echo server in CPython's asyncio.  echo.py streams|protocol PORT

Says "listening on PORT" on stdout when it is up.
"""

import asyncio
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


async def main(kind, port):
    if kind == "protocol":
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Echo, "127.0.0.1", port, backlog=4096)
    else:
        server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=4096)
    print("listening on", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if len(sys.argv) != 3 or sys.argv[1] not in ("streams", "protocol"):
    sys.exit("usage: echo.py streams|protocol PORT")
asyncio.run(main(sys.argv[1], int(sys.argv[2])))
