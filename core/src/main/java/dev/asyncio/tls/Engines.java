package dev.asyncio.tls;

import dev.asyncio.TlsOptions;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** Makes engines as {@link TlsOptions} say. */
final class Engines {
  private static final Pattern IP_ADDRESS = Pattern.compile(".*:.*|\\d+(\\.\\d+){0,3}");

  private Engines() {}

  /**
   * An engine for a client. It resumes an earlier session with the same host and port, and verifies
   * that the certificate is for the host.
   *
   * @param host empty for any
   */
  static SSLEngine client(SSLContext context, TlsOptions options, String host, int port) {
    SSLEngine engine =
        host.isEmpty() ? context.createSSLEngine() : context.createSSLEngine(host, port);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    if (!host.isEmpty()) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      if (!IP_ADDRESS.matcher(host).matches()) {
        sendName(parameters, host);
      }
    }
    apply(options, parameters);
    engine.setSSLParameters(parameters);
    return engine;
  }

  private static void sendName(SSLParameters parameters, String host) {
    try {
      parameters.setServerNames(List.of(new SNIHostName(host)));
    } catch (IllegalArgumentException noHostName) {
      // such as one with an underscore: it can be verified, but SNI has no form for it
    }
  }

  static SSLEngine server(SSLContext context, TlsOptions options) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    switch (options.clientCertificate()) {
      case NONE -> {}
      case OPTIONAL -> parameters.setWantClientAuth(true);
      case REQUIRED -> parameters.setNeedClientAuth(true);
    }
    apply(options, parameters);
    engine.setSSLParameters(parameters);
    return engine;
  }

  private static void apply(TlsOptions options, SSLParameters parameters) {
    if (!options.applicationProtocols().isEmpty()) {
      parameters.setApplicationProtocols(options.applicationProtocols().toArray(new String[0]));
    }
    Consumer<SSLParameters> last = options.parameters();
    if (last != null) {
      last.accept(parameters);
    }
  }
}
