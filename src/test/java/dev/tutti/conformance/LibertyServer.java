package dev.tutti.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Open Liberty with the features for servlets and WebSockets only. */
final class LibertyServer extends ContainerServer {
    /** Liberty's log record of a path with an encoded dot or slash, which it refuses before the application. */
    private static final Pattern ENCODED_PATH = Pattern.compile(
            "(?m)^\\[ERROR +] SRVE0315E: .* CWWWC0005I: .*\\R(?:\\tat .*\\R|Caused by: .*CWWWC0005I: .*\\R|\\t\\.\\.\\. .*\\R)*+");

    /** Liberty's incident reports about frames that it refuses itself and closed peers, and its summary. */
    private static final Pattern LIBERTY_INCIDENT = Pattern.compile("(?m)^Exception = (?:com\\.ibm\\.ws\\.wsoc\\."
            + "(?:FrameFormatException|MaxMessageException)|java\\.io\\.IOException|java\\.nio\\.channels\\.CancelledKeyException)$"
            + "|^ Index  Count ");

    private final Path home = servers().resolve("wlp");
    private final String contextPath;

    LibertyServer(String contextPath) {
        super("liberty", contextPath);
        this.contextPath = contextPath;
    }

    @Override
    List<String> prepare(Path directory, int port) throws IOException {
        Path server = Files.createDirectories(directory.resolve("servers/tutti"));
        Files.writeString(server.resolve("server.xml"), """
                <server>
                  <featureManager>
                    <feature>servlet-6.0</feature>
                    <feature>websocket-2.1</feature>
                  </featureManager>
                  <httpEndpoint id="defaultHttpEndpoint" host="127.0.0.1" httpPort="%d" httpsPort="-1"/>
                </server>
                """.formatted(port));
        Path applications = Files.createDirectory(server.resolve("dropins"));
        Files.copy(deployment(), applications.resolve(warName(contextPath)));
        // Like bin/server, without a shell: the process handle belongs to the server.
        return List.of(
                "@" + home.resolve("lib/platform/java/java9.options"),
                "-javaagent:" + home.resolve("bin/tools/ws-javaagent.jar"),
                "-jar",
                home.resolve("bin/tools/ws-server.jar").toString(),
                "tutti");
    }

    @Override
    Map<String, String> environment(Path directory) {
        return Map.of("WLP_USER_DIR", directory.toString());
    }

    /** Returns the log and Liberty's incident reports, which are in files of their own. */
    @Override
    public String log() throws IOException {
        StringBuilder log = new StringBuilder(ENCODED_PATH.matcher(super.log()).replaceAll(""));
        Path incidents = directory().resolve("servers/tutti/logs/ffdc");
        if (Files.exists(incidents)) {
            try (Stream<Path> files = Files.list(incidents)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    String incident = Files.readString(file);
                    if (!LIBERTY_INCIDENT.matcher(incident).find()) {
                        log.append(incident);
                    }
                }
            }
        }
        return log.toString();
    }

    @Override
    public Set<Integer> closeCodesOnStop() {
        return Set.of(1006);
    }
}
