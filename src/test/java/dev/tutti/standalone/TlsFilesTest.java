package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tutti.ServerOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The accepted contents of the two TLS files, and the errors for invalid ones. */
class TlsFilesTest {
    @TempDir
    private static Path folder;

    private static TestCertificates certificates;

    @TempDir
    private Path files;

    private Path certificate;
    private Path key;

    @BeforeAll
    static void make() throws IOException, InterruptedException {
        certificates = TestCertificates.in(folder);
        certificates.make("ec", "-keyalg", "EC", "-groupname", "secp256r1");
        certificates.make("rsa", "-keyalg", "RSA", "-keysize", "2048", "-signer", "ec");
        certificates.make("ed", "-keyalg", "Ed25519");
    }

    @BeforeEach
    void write() throws IOException, GeneralSecurityException {
        certificate = files.resolve("certificate.pem");
        key = files.resolve("key.pem");
        certificates.write("rsa", certificate, key);
    }

    @Test
    void chainIsReadInOrder() throws IOException, GeneralSecurityException {
        assertThat(certificates.chain("rsa")).hasSize(2);
        assertThat(Pem.certificates(Files.readString(certificate))).isEqualTo(certificates.chain("rsa"));
    }

    @Test
    void pkcs8KeysOfEveryAlgorithmAreRead() throws IOException, GeneralSecurityException {
        for (String name : new String[] {"rsa", "ec", "ed"}) {
            certificates.write(name, certificate, key);
            assertThat(Pem.privateKey(Files.readString(key))).isEqualTo(certificates.key(name));
            assertThat(new TlsContext(certificate, key)).isNotNull();
        }
    }

    @Test
    void pkcs1RsaKeyIsRead() throws IOException, GeneralSecurityException {
        byte[] pkcs8 = certificates.key("rsa").getEncoded();
        byte[] pkcs1 = Arrays.copyOfRange(pkcs8, 26, pkcs8.length); // after version, algorithm and headers
        assertThat(Pem.privateKey(TestCertificates.pem("RSA PRIVATE KEY", pkcs1)))
                .isEqualTo(certificates.key("rsa"));
    }

    @Test
    void sec1EcKeyIsRead() throws IOException, GeneralSecurityException {
        ECPrivateKey wanted = (ECPrivateKey) certificates.key("ec");
        byte[] number = wanted.getS().toByteArray();
        byte[] s = new byte[32];
        int length = Math.min(number.length, 32);
        System.arraycopy(number, number.length - length, s, 32 - length, length);
        ByteArrayOutputStream sec1 = new ByteArrayOutputStream();
        sec1.writeBytes(HexFormat.of().parseHex("30310201010420"));
        sec1.writeBytes(s);
        sec1.writeBytes(HexFormat.of().parseHex("a00a06082a8648ce3d030107"));
        String text = TestCertificates.pem("EC PARAMETERS", HexFormat.of().parseHex("06082a8648ce3d030107"))
                + TestCertificates.pem("EC PRIVATE KEY", sec1.toByteArray());
        assertThat(((ECPrivateKey) Pem.privateKey(text)).getS()).isEqualTo(wanted.getS());
    }

    @Test
    void tlsBefore12IsDisabled() throws IOException {
        assertThat(new TlsContext(certificate, key).createSSLEngine().getEnabledProtocols())
                .containsExactlyInAnyOrder("TLSv1.2", "TLSv1.3");
    }

    @Test
    void oneFileMayHoldBoth() throws IOException {
        Files.writeString(certificate, Files.readString(certificate) + Files.readString(key));
        assertThat(new TlsContext(certificate, certificate)).isNotNull();
    }

    @Test
    void missingFileIsNamed() throws IOException {
        Files.delete(key);
        assertFails("TLS: missing file " + key);
    }

    @Test
    void directoryInsteadOfFileIsNamed() throws IOException {
        Files.delete(key);
        Files.createDirectory(key);
        assertFails("TLS: cannot read " + key);
    }

    @Test
    void fileWithoutCertificateIsNamed() throws IOException {
        Files.writeString(certificate, "no certificate");
        assertFails("TLS: cannot use " + certificate + ": it contains no CERTIFICATE");
    }

    @Test
    void corruptCertificateIsNamed() throws IOException {
        Files.writeString(certificate, TestCertificates.pem("CERTIFICATE", new byte[100]));
        assertFails("TLS: cannot use " + certificate + ": ");
    }

    @Test
    void fileWithoutKeyIsNamed() throws IOException {
        Files.writeString(key, Files.readString(certificate));
        assertFails("TLS: cannot use " + key + ": it contains no PRIVATE KEY");
    }

    @Test
    void encryptedKeyIsRefused() throws IOException {
        Files.writeString(key, TestCertificates.pem("ENCRYPTED PRIVATE KEY", new byte[100]));
        assertFails("TLS: cannot use " + key + ": the key is encrypted; a key without a passphrase is required");
    }

    @Test
    void corruptKeysAreRefused() throws IOException {
        for (String kind : new String[] {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"}) {
            Files.writeString(key, TestCertificates.pem(kind, new byte[100]));
            assertFails("TLS: cannot use " + key + ": the key ");
            Files.writeString(key, TestCertificates.pem(kind, new byte[] {0x30, (byte) 0x84}));
            assertFails("TLS: cannot use " + key + ": the key ");
        }
    }

    @Test
    void keyOfAnotherCertificateIsRefused() throws IOException, GeneralSecurityException {
        Files.writeString(
                key, TestCertificates.pem("PRIVATE KEY", certificates.key("ec").getEncoded()));
        assertFails("TLS: the key in " + key + " does not match the certificate in " + certificate);
    }

    @Test
    void brokenChainIsRefused() throws IOException, GeneralSecurityException {
        Files.writeString(
                certificate,
                TestCertificates.pem(certificates.chain("rsa")[0], certificates.chain("ed")[0]));
        assertFails("TLS: cannot use " + certificate + ": ");
    }

    private void assertFails(String start) {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> new TlsContext(certificate, key))
                .satisfies(e -> assertThat(e.getMessage()).startsWith(start).doesNotContain("\n"));
    }

    @Test
    void oneFileAloneIsInvalid() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> TlsContext.of(new ServerOptions("127.0.0.1", 0, "", "cert.pem", "")))
                .withMessageContaining("tls-key");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> TlsContext.of(new ServerOptions("127.0.0.1", 0, "", "", "key.pem")))
                .satisfies(
                        e -> assertThat(e.getMessage().toLowerCase(Locale.ROOT)).contains("tls-cert"));
    }
}
