package dev.asyncio.net;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.asyncio.Asyncio;
import dev.asyncio.DatagramOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** UDP with programs that we did not write, where they are installed. */
@Timeout(120)
class DatagramPeersTest {
  /** Takes the loop that runs it from the arguments; sends as many datagrams as it awaits. */
  private static final String PYTHON_CLIENT =
      """
      import asyncio, sys
      if sys.argv[1] == "uvloop":
          import uvloop
          uvloop.install()

      class Client(asyncio.DatagramProtocol):
          def __init__(self, done):
              self.done, self.size = done, 1
          def connection_made(self, transport):
              self.transport = transport
              transport.sendto(b"x")
          def datagram_received(self, data, addr):
              assert data == b"x" * self.size, data
              self.size *= 7
              if self.size > 60000:
                  self.done.set_result(None)
              else:
                  self.transport.sendto(b"x" * self.size)

      async def main(port):
          loop = asyncio.get_running_loop()
          done = loop.create_future()
          transport, _ = await loop.create_datagram_endpoint(
              lambda: Client(done), remote_addr=("127.0.0.1", port))
          await done
          transport.close()
          print("all came back")

      asyncio.run(main(int(sys.argv[2])))
      """;

  private static final String PYTHON_SERVER =
      """
      import asyncio, sys
      if sys.argv[1] == "uvloop":
          import uvloop
          uvloop.install()

      class Echo(asyncio.DatagramProtocol):
          def connection_made(self, transport):
              self.transport = transport
          def datagram_received(self, data, addr):
              self.transport.sendto(data, addr)

      async def main():
          loop = asyncio.get_running_loop()
          transport, _ = await loop.create_datagram_endpoint(
              Echo, local_addr=("127.0.0.1", 0))
          print(transport.get_extra_info("sockname")[1], flush=True)
          await loop.create_future()

      asyncio.run(main())
      """;

  private static final class Echo extends DatagramRecorder {
    @Override
    public void datagramReceived(ByteBuffer data, SocketAddress addr) {
      super.datagramReceived(data.duplicate(), addr);
      transport().sendto(data, addr);
    }
  }

  private static Echo echo() {
    return Asyncio.runningLoop()
        .createDatagramEndpoint(Echo::new, DatagramOptions.defaults().localAddr(HOST, 0))
        .await()
        .protocol();
  }

  private static void a_python_client_gets_its_datagrams_back(String python, String loop) {
    run(() -> {
      Echo server = echo();
      String port = Integer.toString(server.address().getPort());
      Process client = Programs.launch(python, "-c", PYTHON_CLIENT, loop, port);
      assertEquals("all came back\n", Programs.outputOf(client, ""));
      server.end();
    });
  }

  private static void a_python_server_answers_our_datagrams(String python, String loop) {
    run(() -> {
      Process server = Programs.launch(python, "-c", PYTHON_SERVER, loop);
      try {
        int port = Integer.parseInt(Programs.lineOf(server));
        DatagramRecorder client = DatagramRecorder.connectedTo(new InetSocketAddress(HOST, port));
        for (int size = 1, answers = 0; size < 60_000; size *= 7) {
          client.send("y".repeat(size));
          int expected = ++answers;
          until(() -> client.senders.size() == expected);
          assertEquals("got " + "y".repeat(size), client.log.getLast());
        }
        client.end();
      } finally {
        server.destroy();
      }
    });
  }

  @Test
  void a_python_asyncio_client_gets_its_datagrams_back() {
    a_python_client_gets_its_datagrams_back(Programs.installed("python3"), "asyncio");
  }

  @Test
  void a_uvloop_client_gets_its_datagrams_back() throws IOException {
    a_python_client_gets_its_datagrams_back(Programs.pythonWith("uvloop"), "uvloop");
  }

  @Test
  void a_python_asyncio_server_answers_our_datagrams() {
    a_python_server_answers_our_datagrams(Programs.installed("python3"), "asyncio");
  }

  @Test
  void a_uvloop_server_answers_our_datagrams() throws IOException {
    a_python_server_answers_our_datagrams(Programs.pythonWith("uvloop"), "uvloop");
  }

  @Test
  void netcat_gets_its_datagram_back() {
    String netcat = Programs.installed("nc", "netcat");
    run(() -> {
      Echo server = echo();
      String port = Integer.toString(server.address().getPort());
      Process client = Programs.launch(netcat, "-u", HOST, port);
      assertEquals("hello", Programs.answerOf(client, "hello"));
      assertEquals("got hello\n", server.log.get(1));
      server.end();
    });
  }

  @Test
  void socat_gets_its_datagram_back() {
    String socat = Programs.installed("socat");
    run(() -> {
      Echo server = echo();
      String to = "UDP:" + HOST + ":" + server.address().getPort();
      Process client = Programs.launch(socat, "-", to);
      assertEquals("hello", Programs.answerOf(client, "hello"));
      server.end();
    });
  }
}
