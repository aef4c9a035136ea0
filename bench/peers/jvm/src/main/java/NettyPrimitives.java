import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;

/** The primitives that callbacks have, on a Netty event loop over epoll. */
public final class NettyPrimitives {
  private NettyPrimitives() {}

  /** Measures one primitive; for the arguments see PeerPrimitives. */
  public static void main(String[] args) throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    ExecutorPrimitives.measure(args, group.next());
  }
}
