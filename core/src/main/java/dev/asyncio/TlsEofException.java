package dev.asyncio;

import java.io.Serial;
import javax.net.ssl.SSLException;

/**
 * Says that a TLS connection ended without TLS's own end (close_notify), so that nobody can tell
 * whether all the data has come.
 *
 * <p>Differs: CPython's asyncio lets it pass for an orderly end; {@link
 * TlsOptions#suppressRaggedEofs} does so here.
 *
 * <p><b>Source:</b> CPython 3.14, {@code ssl.SSLEOFError}.
 */
public class TlsEofException extends SSLException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param message what happened, to whom, and the mend
   */
  public TlsEofException(String message) {
    super(message);
  }
}
