package dev.tutti.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Payara Micro without its data grid, which would search all networks for members. */
final class PayaraMicroServer extends ContainerServer {
    /**
     * A log record with a stack trace from the container's own code. Payara writes these when a peer resets its connection during the
     * handshake, or when a peer is closed that does not read.
     */
    private static final Pattern PAYARA_STACK_TRACE = Pattern.compile(
            "(?m)^\\[20.*\\[\\[\\R" // time, message, source
                    + "(?:(?!\\tat |\\[20).*\\R)*+" // the text
                    + "(?:\\tat java\\.base/.*\\R)*+"
                    + "\\tat org\\.(?:glassfish\\.(?:grizzly|tyrus)|apache\\.catalina)\\..*\\R"
                    + "(?:\\t(?:at |\\.\\.\\. ).*\\R|Caused by: .*\\R(?!\\tat dev\\.tutti))*+"
                    + "\\]\\]$");

    /** Grizzly recycles a request of which the body still arrives: the thread for it fails, outside of any log record. Nobody waits for it. */
    static final Pattern RECYCLED_REQUEST = Pattern.compile(
            "(?m)^Exception in thread \"glassfish-web-async-thread-\\d+\" java\\.lang\\.NullPointerException.*\\R"
                    + "\\tat org\\.apache\\.catalina\\.connector\\.InputBuffer\\$ReadHandlerImpl\\..*\\R"
                    + "(?:\\tat java\\.base/.*\\R)*+");

    private final String contextPath;

    PayaraMicroServer(String contextPath) {
        super("payara-micro", contextPath);
        this.contextPath = contextPath;
        optimizing(); // Grizzly recycles requests that another thread still uses: in slower code often, which the log
        // shows
    }

    @Override
    public int handshakeAttempts() {
        return 2; // as GlassFish
    }

    @Override
    public String log() throws IOException {
        String log = PAYARA_STACK_TRACE.matcher(super.log()).replaceAll("");
        return RECYCLED_REQUEST.matcher(log).replaceAll("");
    }

    @Override
    List<String> prepare(Path directory, int port) throws IOException {
        Path commands = directory.resolve("preboot");
        Files.writeString(
                commands,
                "set configs.config.server-config.network-config.network-listeners.network-listener.http-listener.address"
                        + "=127.0.0.1\n");
        Path userCommands = directory.resolve("postboot");
        Files.writeString(userCommands, "");
        for (Map.Entry<String, String> user : passwords().entrySet()) {
            Path password = directory.resolve("password-of-" + user.getKey());
            Files.writeString(password, "AS_ADMIN_USERPASSWORD=" + user.getValue() + "\n");
            Files.writeString(
                    userCommands,
                    "create-file-user --groups users --passwordfile " + password + " " + user.getKey() + "\n",
                    StandardOpenOption.APPEND);
        }
        return List.of(
                "-jar",
                servers().resolve("payara-micro.jar").toString(),
                "--prebootcommandfile",
                commands.toString(),
                "--postbootcommandfile",
                userCommands.toString(),
                "--rootdir",
                Files.createDirectory(directory.resolve("root")).toString(),
                "--port",
                Integer.toString(port),
                "--nohazelcast",
                "--disablephonehome",
                "--contextroot",
                contextPath.isEmpty() ? "/" : contextPath,
                "--deploy",
                deployment().toString());
    }
}
