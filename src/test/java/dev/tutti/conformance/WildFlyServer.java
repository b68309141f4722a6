package dev.tutti.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** WildFly in its default configuration, except for ports and address. */
final class WildFlyServer extends ContainerServer {
    private final Path home;
    private final String contextPath;
    private boolean hasApplicationUsers;

    WildFlyServer(String version, String contextPath) {
        super("wildfly-" + version, contextPath);
        this.home = servers().resolve("wildfly-" + version);
        this.contextPath = contextPath;
    }

    /** Lets the application decide about its users by Jakarta Security, without a user of the server's own realm for each. */
    WildFlyServer withApplicationUsers() {
        hasApplicationUsers = true;
        return this;
    }

    /** Returns a user as WildFly's default realm stores it. */
    private static String line(Map.Entry<String, String> user) {
        String text = user.getKey() + ":ApplicationRealm:" + user.getValue();
        try {
            byte[] digest = MessageDigest.getInstance("MD5").digest(text.getBytes(UTF_8));
            return user.getKey() + "=" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static void append(Path file, String line) throws IOException {
        Files.writeString(file, "\n" + line + "\n", StandardOpenOption.APPEND);
    }

    @Override
    List<String> prepare(Path directory, int port) throws IOException {
        copy(home.resolve("standalone/configuration"), directory.resolve("configuration"));
        if (hasApplicationUsers) {
            Path configuration = directory.resolve("configuration/standalone.xml");
            Files.writeString(
                    configuration,
                    Files.readString(configuration)
                            .replaceFirst(
                                    "(?s)(urn:jboss:domain:undertow:.*<application-security-domain name=\"other\")",
                                    "$1 integrated-jaspi=\"false\""));
        }
        for (Map.Entry<String, String> user : passwords().entrySet()) {
            append(directory.resolve("configuration/application-users.properties"), line(user));
            append(directory.resolve("configuration/application-roles.properties"), user.getKey() + "=users");
        }
        Path deployments = Files.createDirectory(directory.resolve("deployments"));
        Files.copy(deployment(), deployments.resolve(warName(contextPath)));
        // Like bin/standalone.sh, without a shell: the process handle belongs to the server.
        return List.of(
                "--add-exports=java.naming/com.sun.jndi.ldap=ALL-UNNAMED",
                "--add-exports=java.naming/com.sun.jndi.url.ldap=ALL-UNNAMED",
                "--add-exports=java.naming/com.sun.jndi.url.ldaps=ALL-UNNAMED",
                "--add-exports=jdk.naming.dns/com.sun.jndi.dns=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                "--add-opens=java.base/java.io=ALL-UNNAMED",
                "--add-opens=java.base/java.net=ALL-UNNAMED",
                "--add-opens=java.base/java.security=ALL-UNNAMED",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
                "--add-opens=java.management/javax.management=ALL-UNNAMED",
                "--add-opens=java.naming/javax.naming=ALL-UNNAMED",
                "-Djava.net.preferIPv4Stack=true",
                "-Djboss.modules.system.pkgs=org.jboss.byteman",
                "-Djava.awt.headless=true",
                "-Dorg.jboss.boot.log.file=" + directory.resolve("log/server.log"),
                "-Dlogging.configuration="
                        + directory.resolve("configuration/logging.properties").toUri(),
                "-jar",
                home.resolve("jboss-modules.jar").toString(),
                "-mp",
                home.resolve("modules").toString(),
                "org.jboss.as.standalone",
                "-Djboss.home.dir=" + home,
                "-Djboss.server.base.dir=" + directory,
                "-Djboss.bind.address=127.0.0.1",
                "-Djboss.bind.address.management=127.0.0.1",
                "-Djboss.http.port=" + port,
                "-Djboss.https.port=" + freePort(),
                "-Djboss.management.http.port=" + freePort());
    }
}
