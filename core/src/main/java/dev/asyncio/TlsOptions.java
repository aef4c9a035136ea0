package dev.asyncio;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * How to speak TLS: what {@code ConnectOptions.ssl}, {@code ServerOptions.ssl} and {@code startTls}
 * take.
 *
 * <p>A client verifies the server's certificate and that it is for the host asked for. Without a
 * context it trusts what the JVM trusts. A server needs a context, with its key.
 *
 * {@snippet :
 * openConnection("example.org", 443, tls())
 * startServer(handler, null, 443, tls(contextWithMyKey).applicationProtocols("h2", "http/1.1"))
 * }
 *
 * <p>Any {@link SSLContext} will do, one of a native provider too.
 *
 * <p><b>Source:</b> CPython 3.14, the {@code ssl…} arguments of {@code loop.create_connection},
 * {@code create_server} and {@code start_tls}, and {@code ssl.SSLContext}.
 *
 * @param context keys and trust; {@code null} for the JVM's default, which only a client can use
 * @param serverSide whether this end is the server; {@code startTls} asks, servers know
 * @param serverHostname the name that the server's certificate must have, sent to it as SNI; {@code
 *     null} for the host connected to, empty for any name
 * @param handshakeTimeout the longest that a handshake may take
 * @param shutdownTimeout the longest that sending the rest and closing may take
 * @param applicationProtocols to offer or to accept (ALPN), the preferred one first; none for no
 *     negotiation
 * @param clientCertificate whether a server asks for a certificate of the client
 * @param suppressRaggedEofs whether a stream that ends without TLS's own end passes for complete
 * @param parameters changes anything else of each connection: versions, ciphers, algorithms; called
 *     last
 * @param alreadyReceived the first bytes of the peer's TLS where the program has read them itself
 */
public record TlsOptions(
    @Nullable SSLContext context,
    boolean serverSide,
    @Nullable String serverHostname,
    Duration handshakeTimeout,
    Duration shutdownTimeout,
    List<String> applicationProtocols,
    ClientCertificate clientCertificate,
    boolean suppressRaggedEofs,
    @Nullable Consumer<SSLParameters> parameters,
    @Nullable ByteBuffer alreadyReceived) {

  /** Whether a server asks its clients for a certificate. */
  public enum ClientCertificate {
    /** It does not. */
    NONE,
    /** It asks, and goes on without; one that is given must be trusted. */
    OPTIONAL,
    /** Without a trusted one the handshake fails. */
    REQUIRED
  }

  private static final TlsOptions DEFAULTS =
      new TlsOptions(
          null,
          false,
          null,
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          List.of(),
          ClientCertificate.NONE,
          false,
          null,
          null);

  /**
   * Checks the time limits.
   *
   * @throws IllegalArgumentException unless both are positive
   */
  public TlsOptions {
    checkPositive(handshakeTimeout, "ssl_handshake_timeout");
    checkPositive(shutdownTimeout, "ssl_shutdown_timeout");
    applicationProtocols = List.copyOf(applicationProtocols);
  }

  private static void checkPositive(Duration limit, String name) {
    if (!limit.isPositive()) {
      throw new IllegalArgumentException(name + " should be a positive number, got " + limit);
    }
  }

  /**
   * The JVM's default trust, the host's name verified, a minute for the handshake, half a minute
   * for the end.
   */
  public static TlsOptions defaults() {
    return DEFAULTS;
  }

  /**
   * For a client: encrypts, and believes anybody. Neither the certificate nor its name is checked,
   * so whoever is in between can read and change everything. For tests; to accept one certificate
   * of one's own, make a context that trusts it.
   */
  public static TlsOptions insecureWithoutVerification() {
    return DEFAULTS.context(Unverified.context());
  }

  /** The given options; without them the option of the given name makes no sense. */
  static TlsOptions needed(@Nullable TlsOptions ssl, String option) {
    if (ssl == null) {
      throw new IllegalArgumentException(
          option + " is only meaningful with ssl: call ssl(tls()) before");
    }
    return ssl;
  }

  /** Keys and trust; {@code null} for the JVM's default. */
  public TlsOptions context(@Nullable SSLContext context) {
    return new TlsOptions(
        context,
        serverSide,
        serverHostname,
        handshakeTimeout,
        shutdownTimeout,
        applicationProtocols,
        clientCertificate,
        suppressRaggedEofs,
        parameters,
        alreadyReceived);
  }

  /** Whether this end is the server: it shows its certificate and waits for the client's hello. */
  public TlsOptions serverSide(boolean serverSide) {
    return new TlsOptions(
        context,
        serverSide,
        serverHostname,
        handshakeTimeout,
        shutdownTimeout,
        applicationProtocols,
        clientCertificate,
        suppressRaggedEofs,
        parameters,
        alreadyReceived);
  }

  /**
   * The name, or the address, that the server's certificate must have, where it is not the host
   * connected to. Names are sent to the server, which may choose a certificate by them (SNI).
   *
   * @param serverHostname empty to accept any name: the certificate must still be trusted
   */
  public TlsOptions serverHostname(@Nullable String serverHostname) {
    return new TlsOptions(
        context,
        serverSide,
        serverHostname,
        handshakeTimeout,
        shutdownTimeout,
        applicationProtocols,
        clientCertificate,
        suppressRaggedEofs,
        parameters,
        alreadyReceived);
  }

  /** How long a handshake may take before the connection is aborted; 60 s by default. */
  public TlsOptions handshakeTimeout(Duration handshakeTimeout) {
    return new TlsOptions(
        context,
        serverSide,
        serverHostname,
        handshakeTimeout,
        shutdownTimeout,
        applicationProtocols,
        clientCertificate,
        suppressRaggedEofs,
        parameters,
        alreadyReceived);
  }

  /**
   * How long after {@code close} the rest may take to be sent, and the peer to say goodbye, before
   * the connection is aborted; 30 s by default.
   */
  public TlsOptions shutdownTimeout(Duration shutdownTimeout) {
    return new TlsOptions(
        context,
        serverSide,
        serverHostname,
        handshakeTimeout,
        shutdownTimeout,
        applicationProtocols,
        clientCertificate,
        suppressRaggedEofs,
        parameters,
        alreadyReceived);
  }

  /**
   * Application protocols (ALPN), the preferred one first. What was agreed on is {@code
   * getExtraInfo("ssl_object", SSLEngine.class).getApplicationProtocol()}.
   */
  public TlsOptions applicationProtocols(String... names) {
    return new TlsOptions(
        context,
        serverSide,
        serverHostname,
        handshakeTimeout,
        shutdownTimeout,
        List.of(names),
        clientCertificate,
        suppressRaggedEofs,
        parameters,
        alreadyReceived);
  }

  /** Whether a server asks for the client's certificate. */
  public TlsOptions clientCertificate(ClientCertificate clientCertificate) {
    return new TlsOptions(
        context,
        serverSide,
        serverHostname,
        handshakeTimeout,
        shutdownTimeout,
        applicationProtocols,
        clientCertificate,
        suppressRaggedEofs,
        parameters,
        alreadyReceived);
  }

  /**
   * Whether a connection that just breaks off passes for one that ended. By default that is a
   * {@link TlsEofException}: somebody in between may have cut the stream short. Turn it on for
   * peers that never say goodbye, where the data tells its own length.
   */
  public TlsOptions suppressRaggedEofs(boolean suppressRaggedEofs) {
    return new TlsOptions(
        context,
        serverSide,
        serverHostname,
        handshakeTimeout,
        shutdownTimeout,
        applicationProtocols,
        clientCertificate,
        suppressRaggedEofs,
        parameters,
        alreadyReceived);
  }

  /**
   * Changes the parameters of each connection before its handshake: {@code p -> p.setProtocols(new
   * String[] {"TLSv1.3"})}.
   */
  public TlsOptions parameters(@Nullable Consumer<SSLParameters> parameters) {
    return new TlsOptions(
        context,
        serverSide,
        serverHostname,
        handshakeTimeout,
        shutdownTimeout,
        applicationProtocols,
        clientCertificate,
        suppressRaggedEofs,
        parameters,
        alreadyReceived);
  }

  /**
   * What came from the peer before {@code startTls} and belongs to TLS, where a program reads ahead
   * of it. Streams do this by themselves.
   */
  public TlsOptions alreadyReceived(@Nullable ByteBuffer alreadyReceived) {
    return new TlsOptions(
        context,
        serverSide,
        serverHostname,
        handshakeTimeout,
        shutdownTimeout,
        applicationProtocols,
        clientCertificate,
        suppressRaggedEofs,
        parameters,
        alreadyReceived);
  }
}
