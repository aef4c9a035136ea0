import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLException;

/**
 * The echo server on one Netty event loop.
 *
 * <p>Arguments: {@code nio}, {@code epoll} or {@code uring}; for TLS, {@code jdk} or {@code
 * boringssl} and a file with certificate and key; the port on 127.0.0.1, 0 for any. Says {@code
 * listening on PORT} when it is up.
 */
public final class NettyEcho {
  private NettyEcho() {}

  private record Transport(IoHandlerFactory factory, Class<? extends ServerChannel> channel) {
    static Transport named(String name) {
      switch (name) {
        case "nio":
          return new Transport(NioIoHandler.newFactory(), NioServerSocketChannel.class);
        case "epoll":
          return new Transport(EpollIoHandler.newFactory(), EpollServerSocketChannel.class);
        case "uring":
          IoUring.ensureAvailability();
          return new Transport(IoUringIoHandler.newFactory(), IoUringServerSocketChannel.class);
        default:
          throw new IllegalArgumentException(name);
      }
    }
  }

  /** Serves until the process is ended. */
  public static void main(String[] args) throws Exception {
    Transport transport = Transport.named(args[0]);
    SslContext tls = args.length == 4 ? tls(args[1], new File(args[2])) : null;
    ServerBootstrap server =
        new ServerBootstrap()
            .group(new MultiThreadIoEventLoopGroup(1, transport.factory()))
            .channel(transport.channel())
            .option(ChannelOption.SO_BACKLOG, 4096)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (tls != null) {
                      channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                    }
                    channel.pipeline().addLast(new Echo());
                  }
                });
    int port = Integer.parseInt(args[args.length - 1]);
    Channel listener = server.bind("127.0.0.1", port).sync().channel();
    System.out.println("listening on " + ((InetSocketAddress) listener.localAddress()).getPort());
    listener.closeFuture().sync();
  }

  private static SslContext tls(String provider, File identity) throws SSLException {
    return SslContextBuilder.forServer(identity, identity)
        .sslProvider(provider.equals("jdk") ? SslProvider.JDK : SslProvider.OPENSSL)
        .protocols("TLSv1.3")
        .build();
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.write(message, context.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      context.channel().config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
