package dev.asyncio.tls;

import java.security.cert.Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What a connection knows after its handshake, in the form that {@code getExtraInfo} gives it. */
final class Facts {
  private Facts() {}

  static @Nullable Object of(SSLEngine engine, String name) {
    return switch (name) {
      case "ssl_object" -> engine;
      case "peercert" -> peerCertificate(engine.getSession());
      case "cipher" -> engine.getSession().getCipherSuite();
      default -> null; // "compression" too: JSSE has none
    };
  }

  /** The peer's own certificate; {@code null} if it has shown none. */
  private static @Nullable Certificate peerCertificate(SSLSession session) {
    try {
      return session.getPeerCertificates()[0];
    } catch (SSLPeerUnverifiedException anonymous) {
      return null;
    }
  }
}
