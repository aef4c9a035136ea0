import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * The echo server with a virtual thread and a blocking socket a connection.
 *
 * <p>Argument: the port on 127.0.0.1, 0 for any. Says {@code listening on PORT} when it is up. The
 * environment's {@code ECHO_BUFFER} sets the bytes of a connection's read buffer.
 */
public final class VirtualThreadEcho {
  private static final int BUFFER =
      Integer.parseInt(System.getenv().getOrDefault("ECHO_BUFFER", "65536"));

  private VirtualThreadEcho() {}

  /** Serves until the process is ended. */
  public static void main(String[] args) throws IOException {
    try (ServerSocket listener = new ServerSocket()) {
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 4096);
      System.out.println("listening on " + listener.getLocalPort());
      while (true) {
        Socket socket = listener.accept();
        Thread.startVirtualThread(() -> echo(socket));
      }
    }
  }

  private static void echo(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      byte[] buffer = new byte[BUFFER];
      for (int got; (got = in.read(buffer)) > 0; ) {
        out.write(buffer, 0, got);
      }
    } catch (IOException gone) {
      // the peer broke the connection off
    }
  }
}
