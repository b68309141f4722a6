package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.glassfish.grizzly.ssl.SSLEngineConfigurator;
import org.jspecify.annotations.Nullable;

/**
 * The server's certificate and key, read from two files and again whenever these change: handshakes from then on use the new
 * certificate, connections that are open stay as they are. A new file that is bad changes nothing but the log. Safe for any
 * thread.
 */
final class TlsContext extends SSLEngineConfigurator {
    private static final Logger LOG = System.getLogger(TlsContext.class.getName());

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private static final long LOOK_MILLIS = 1000;

    private final Path certificateFile;
    private final Path keyFile;
    private volatile SSLContext current;
    /** What the files looked like when they were last read, or tried; confined to the clock after the constructor. */
    private List<Object> stamps;

    /**
     * Returns what the options ask for; null if they ask for no TLS.
     *
     * @throws IllegalArgumentException if only one of the two files is given
     * @throws IOException as the constructor
     */
    static @Nullable TlsContext of(ServerOptions options) throws IOException {
        if (options.tlsCert().isEmpty() != options.tlsKey().isEmpty()) {
            throw new IllegalArgumentException("tls-cert and tls-key go together: one is given, the other is not");
        }
        return options.tlsCert().isEmpty()
                ? null
                : new TlsContext(Path.of(options.tlsCert()), Path.of(options.tlsKey()));
    }

    /**
     * Reads the files.
     *
     * @throws IOException if that cannot be done; its message is one line that says which file and why
     */
    TlsContext(Path certificateFile, Path keyFile) throws IOException {
        this(certificateFile, keyFile, List.of(stamp(certificateFile), stamp(keyFile)), read(certificateFile, keyFile));
    }

    private TlsContext(Path certificateFile, Path keyFile, List<Object> stamps, SSLContext context) {
        super(context, false, false, false);
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
        this.stamps = stamps;
        this.current = context;
    }

    /** Looks at the files again and again from now on. */
    void watch(ScheduledExecutorService clock) {
        var unused = clock.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        List<Object> now = List.of(stamp(certificateFile), stamp(keyFile));
        if (now.equals(stamps)) {
            return;
        }
        stamps = now;
        try {
            current = read(certificateFile, keyFile);
            LOG.log(Level.INFO, "the TLS certificate was read again from {0}", certificateFile);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the TLS certificate stays the old one: {0}", e.getMessage());
        } catch (RuntimeException e) { // would end the watch
            LOG.log(Level.ERROR, "the TLS certificate stays the old one", e);
        }
    }

    /** Changes whenever the file does, also when another takes its place; an empty string if there is none. */
    private static Object stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return List.of(attributes.lastModifiedTime(), attributes.size(), String.valueOf(attributes.fileKey()));
        } catch (IOException e) {
            return "";
        }
    }

    private static SSLContext read(Path certificateFile, Path keyFile) throws IOException {
        X509Certificate[] chain;
        PrivateKey key;
        String certificateText = text(certificateFile);
        String keyText = text(keyFile);
        try {
            chain = Pem.certificates(certificateText);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw bad(certificateFile, e);
        }
        try {
            key = Pem.privateKey(keyText);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw bad(keyFile, e);
        }
        if (!belongTogether(chain[0], key)) {
            throw new IOException(
                    "TLS: the key in " + keyFile + " is not that of the certificate in " + certificateFile);
        }
        try {
            return context(chain, key);
        } catch (GeneralSecurityException e) {
            throw bad(certificateFile, e);
        }
    }

    private static String text(Path file) throws IOException {
        try {
            return Files.readString(file, ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new IOException("TLS: there is no file " + file, e);
        } catch (IOException e) {
            throw new IOException("TLS: cannot read " + file, e);
        }
    }

    private static IOException bad(Path file, Exception e) {
        String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new IOException("TLS: cannot use " + file + ": " + why, e);
    }

    /** Signs something with the key and asks the certificate. */
    private static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update((byte) 1);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update((byte) 1);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static SSLContext context(X509Certificate[] chain, PrivateKey key)
            throws GeneralSecurityException, IOException {
        char[] noPassword = {};
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, noPassword);
        store.setKeyEntry("tutti", key, noPassword, chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, noPassword);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    @Override
    public SSLEngine createSSLEngine(String peerHost, int peerPort) {
        return configure(current.createSSLEngine());
    }

    @Override
    public SSLEngine configure(SSLEngine engine) {
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(PROTOCOLS);
        parameters.setUseCipherSuitesOrder(true);
        engine.setSSLParameters(parameters);
        return engine;
    }
}
