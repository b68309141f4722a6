package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.tutti.ServerOptions;
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
 * The server's TLS certificate and key, reloaded when one of the two files changes. New handshakes use the new certificate; open
 * connections keep theirs. If the new files are invalid, it logs that and keeps the old certificate. Safe for any thread.
 */
final class TlsContext extends SSLEngineConfigurator {
    private static final Logger LOG = System.getLogger(TlsContext.class.getName());

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private static final long CHECK_MILLIS = 1000;

    private final Path certificateFile;
    private final Path keyFile;
    private volatile SSLContext current;
    /** The fingerprints of both files at the last attempt to read them; confined to the scheduler after the constructor. */
    private List<Object> fingerprints;

    /**
     * Returns the TLS context for the options; null if they name no files.
     *
     * @throws IllegalArgumentException if they name only one of the two files
     * @throws IOException like the constructor
     */
    static @Nullable TlsContext of(ServerOptions options) throws IOException {
        if (options.tlsCert().isEmpty() != options.tlsKey().isEmpty()) {
            throw new IllegalArgumentException("tls-cert and tls-key require each other, and one is missing");
        }
        return options.tlsCert().isEmpty()
                ? null
                : new TlsContext(Path.of(options.tlsCert()), Path.of(options.tlsKey()));
    }

    /**
     * Reads the files.
     *
     * @throws IOException if a file is missing or invalid; its message is one line with file and reason
     */
    TlsContext(Path certificateFile, Path keyFile) throws IOException {
        this(
                certificateFile,
                keyFile,
                List.of(fingerprint(certificateFile), fingerprint(keyFile)),
                read(certificateFile, keyFile));
    }

    private TlsContext(Path certificateFile, Path keyFile, List<Object> fingerprints, SSLContext context) {
        super(context, false, false, false);
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
        this.fingerprints = fingerprints;
        this.current = context;
    }

    /** Starts to check the files for changes, every {@value #CHECK_MILLIS} ms. */
    void watch(ScheduledExecutorService scheduler) {
        var unused = scheduler.scheduleWithFixedDelay(
                this::reloadIfChanged, CHECK_MILLIS, CHECK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void reloadIfChanged() {
        List<Object> now = List.of(fingerprint(certificateFile), fingerprint(keyFile));
        if (now.equals(fingerprints)) {
            return;
        }
        fingerprints = now;
        try {
            current = read(certificateFile, keyFile);
            LOG.log(Level.INFO, "reloaded the TLS certificate from {0}", certificateFile);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "kept the old TLS certificate: {0}", e.getMessage());
        } catch (RuntimeException e) { // would cancel all further checks
            LOG.log(Level.ERROR, "kept the old TLS certificate", e);
        }
    }

    /** Returns time, size and identity of a file, which change with it or its replacement; an empty string if it is missing. */
    private static Object fingerprint(Path file) {
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
            throw invalid(certificateFile, e);
        }
        try {
            key = Pem.privateKey(keyText);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw invalid(keyFile, e);
        }
        if (!isKeyOf(chain[0], key)) {
            throw new IOException(
                    "TLS: the key in " + keyFile + " does not match the certificate in " + certificateFile);
        }
        try {
            return context(chain, key);
        } catch (GeneralSecurityException e) {
            throw invalid(certificateFile, e);
        }
    }

    private static String text(Path file) throws IOException {
        try {
            return Files.readString(file, ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new IOException("TLS: missing file " + file, e);
        } catch (IOException e) {
            throw new IOException("TLS: cannot read " + file, e);
        }
    }

    private static IOException invalid(Path file, Exception e) {
        String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new IOException("TLS: cannot use " + file + ": " + reason, e);
    }

    /** Returns whether the certificate verifies a signature of the key. */
    private static boolean isKeyOf(X509Certificate certificate, PrivateKey key) {
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
