package dev.asyncio.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A key and its certificate, made by this JDK's keytool when a test asks for it. The certificate is
 * self-signed, except for one that must be looked at closely: the JDK believes what is trusted
 * itself.
 */
public final class Identity {
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final String ALIAS = "own";
  private static final String SIGNER = "signer";

  /** For this machine's names and addresses. */
  public static final Identity LOCALHOST =
      new Identity("localhost", "-ext", "san=dns:localhost,ip:127.0.0.1,ip:0:0:0:0:0:0:0:1");

  /** For another host. */
  public static final Identity ELSEWHERE =
      new Identity("elsewhere.example", "-ext", "san=dns:elsewhere.example");

  /** For this machine, until some days ago. */
  public static final Identity EXPIRED =
      new Identity(
          "localhost",
          "-ext",
          "san=dns:localhost,ip:127.0.0.1",
          "-startdate",
          "-10d",
          "-validity",
          "5",
          "-signer",
          SIGNER);

  /** A client's. */
  public static final Identity CLIENT = new Identity("client");

  private final String name;
  private final List<String> options;
  private @Nullable KeyStore store;

  private Identity(String name, String... options) {
    this.name = name;
    this.options = List.of(options);
  }

  private synchronized KeyStore store() {
    if (store == null) {
      store = make();
    }
    return store;
  }

  private KeyStore make() {
    try {
      Path folder = Files.createTempDirectory("identity");
      Path file = folder.resolve("keys.p12");
      if (options.contains(SIGNER)) {
        keytool(file, SIGNER, "signer", List.of("-ext", "bc:c"));
      }
      keytool(file, ALIAS, name, options);
      KeyStore keys = KeyStore.getInstance(file.toFile(), PASSWORD);
      Files.delete(file);
      Files.delete(folder);
      return keys;
    } catch (IOException | GeneralSecurityException | InterruptedException exc) {
      throw new AssertionError(exc);
    }
  }

  private static void keytool(Path file, String alias, String name, List<String> options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", alias, "-keyalg", "EC"));
    command.addAll(List.of("-groupname", "secp256r1", "-dname", "CN=" + name));
    command.addAll(List.of("-keystore", file.toString(), "-storepass", new String(PASSWORD)));
    command.addAll(options);
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new AssertionError("keytool: " + said);
    }
  }

  /** The certificate. */
  public X509Certificate certificate() {
    try {
      return (X509Certificate) Objects.requireNonNull(store().getCertificate(ALIAS));
    } catch (GeneralSecurityException exc) {
      throw new AssertionError(exc);
    }
  }

  /** The certificate that vouches for this one: its own, unless it is signed by another. */
  private Certificate root() {
    try {
      Certificate[] chain = Objects.requireNonNull(store().getCertificateChain(ALIAS));
      return chain[chain.length - 1];
    } catch (GeneralSecurityException exc) {
      throw new AssertionError(exc);
    }
  }

  /** The certificate and the key, as other programs read them. */
  public Path pem(Path folder) {
    try {
      byte[] key = Objects.requireNonNull(store().getKey(ALIAS, PASSWORD)).getEncoded();
      Path file = folder.resolve(name + ".pem");
      return Files.writeString(
          file, pem("CERTIFICATE", certificate().getEncoded()) + pem("PRIVATE KEY", key));
    } catch (IOException | GeneralSecurityException exc) {
      throw new AssertionError(exc);
    }
  }

  private static String pem(String type, byte[] content) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n";
  }

  /** A context that has this key, and trusts the given ones. */
  public SSLContext trusting(Identity... trusted) {
    return trusting(null, trusted);
  }

  /** The same with another provider's TLS than the JDK's; null for that. */
  public SSLContext trusting(@Nullable Provider provider, Identity... trusted) {
    try {
      var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store(), PASSWORD);
      return context(provider, factory.getKeyManagers(), trusted);
    } catch (GeneralSecurityException exc) {
      throw new AssertionError(exc);
    }
  }

  /** A context without a key that trusts this one. */
  public SSLContext trusted() {
    return trusted(null);
  }

  /** The same with another provider's TLS than the JDK's; null for that. */
  public SSLContext trusted(@Nullable Provider provider) {
    return context(provider, null, this);
  }

  private static SSLContext context(
      @Nullable Provider provider, KeyManager @Nullable [] keys, Identity... trusted) {
    try {
      KeyStore trust = KeyStore.getInstance(KeyStore.getDefaultType());
      trust.load(null, null);
      for (Identity identity : trusted) {
        trust.setCertificateEntry(identity.name, identity.root());
      }
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trust);
      SSLContext context =
          provider == null
              ? SSLContext.getInstance("TLS")
              : SSLContext.getInstance("TLS", provider);
      context.init(keys, factory.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException exc) {
      throw new AssertionError(exc);
    }
  }
}
