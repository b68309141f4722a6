package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Certificates for tests, made by the JDK's keytool. */
final class TestCertificates {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final Path store;
    /** What {@link #store} holds; null until it is read again after a change. */
    private KeyStore read;

    private TestCertificates(Path store) {
        this.store = store;
    }

    static TestCertificates in(Path folder) {
        return new TestCertificates(folder.resolve("keys.p12"));
    }

    /** Makes a key and a certificate, self-signed unless the options name a signer. */
    void make(String name, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD),
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-validity",
                "2"));
        command.addAll(List.of(options));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), US_ASCII);
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool failed: " + said);
        }
        read = null;
    }

    X509Certificate[] chain(String name) throws IOException, GeneralSecurityException {
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate certificate : keys().getCertificateChain(name)) {
            chain.add((X509Certificate) certificate);
        }
        return chain.toArray(X509Certificate[]::new);
    }

    PrivateKey key(String name) throws IOException, GeneralSecurityException {
        return (PrivateKey) keys().getKey(name, PASSWORD);
    }

    private KeyStore keys() throws IOException, GeneralSecurityException {
        if (read != null) {
            return read;
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        read = keys;
        return keys;
    }

    /** Writes a chain and its key as a server wants them. */
    void write(String name, Path certificate, Path key) throws IOException, GeneralSecurityException {
        Files.writeString(key, pem("PRIVATE KEY", key(name).getEncoded()));
        Files.writeString(certificate, pem(chain(name)));
    }

    static String pem(X509Certificate... chain) throws GeneralSecurityException {
        StringBuilder all = new StringBuilder();
        for (X509Certificate certificate : chain) {
            all.append("subject=").append(certificate.getSubjectX500Principal()).append('\n');
            all.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        return all.toString();
    }

    static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + kind + "-----\n";
    }
}
