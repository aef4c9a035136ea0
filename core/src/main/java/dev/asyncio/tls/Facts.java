package dev.asyncio.tls;

import java.security.cert.Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What a session knows, in the form that {@code getExtraInfo} gives it. */
final class Facts {
  private Facts() {}

  /** The peer's own certificate; {@code null} if it has shown none. */
  static @Nullable Certificate peerCertificate(SSLSession session) {
    try {
      return session.getPeerCertificates()[0];
    } catch (SSLPeerUnverifiedException anonymous) {
      return null;
    }
  }
}
