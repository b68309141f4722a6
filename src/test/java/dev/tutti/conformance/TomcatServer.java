package dev.tutti.conformance;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** Apache Tomcat with the configuration it comes with, but for ports and address. */
public final class TomcatServer extends ContainerServer {
    /**
     * What Tomcat prints when a session is closed between two parts of a message that it is sending: the exception is thrown on a
     * thread of its own, with no frame of ours, and reports only that the session is closed.
     */
    private static final Pattern CLOSED_WHILE_SENDING =
            Pattern.compile("(?m)^Exception in thread \"http-nio-[^\"]*\" java\\.lang\\.IllegalStateException: "
                    + "Message will not be sent because the WebSocket session has been closed\\R"
                    + "(?:\\tat (?:org\\.apache\\.tomcat|java\\.base)[./].*\\R)++(?!\\tat )");

    /**
     * Tomcat logs this record when it closes the session of a peer that has gone, and cannot send the messages in its buffer. The cause is an
     * earlier send that failed; Tutti's writers may have called it.
     */
    private static final Pattern GONE_BEFORE_FLUSH = Pattern.compile(
            "(?m)^\\S+ \\S+ WARNING \\[http-nio-\\S+] org\\.apache\\.tomcat\\.websocket\\.WsSession\\.onClose "
                    + "Failed to flush batched messages on session close\\R"
                    + "(?:\\t(?:(?:Caused by: )?java\\.io\\.IOException: .*"
                    + "|\\t(?:at (?:org\\.apache\\.(?:tomcat|coyote)|java\\.base|dev\\.tutti\\.(?:endpoint\\.(?:TomcatTransport|BlockingWriters)|hub\\.Faults))[.$/].*|\\.\\.\\. \\d+ more))\\R)++(?!\\t)");

    private final Path home;
    private final String contextPath;
    private String connector = "";

    public TomcatServer(String version, String contextPath) {
        this(version, contextPath, war());
    }

    TomcatServer(String version, String contextPath, Path war) {
        super("tomcat-" + version, contextPath);
        this.home = servers().resolve("apache-tomcat-" + version);
        this.contextPath = contextPath;
        withWar(war);
    }

    /** Gives the connector one attribute more. */
    TomcatServer withConnector(String attribute, String value) {
        connector += " " + attribute + "=\"" + value + "\"";
        return this;
    }

    @Override
    List<String> prepare(Path directory, int port) throws IOException {
        copy(home.resolve("conf"), directory.resolve("conf"));
        Path configuration = directory.resolve("conf/server.xml");
        Files.writeString(
                configuration,
                Files.readString(configuration)
                        .replace("<Server port=\"8005\"", "<Server port=\"-1\"")
                        .replace(
                                "<Connector port=\"8080\"",
                                "<Connector address=\"127.0.0.1\"" + connector + " port=\"" + port + "\""));
        StringBuilder users = new StringBuilder("<tomcat-users>");
        passwords()
                .forEach((name, password) -> users.append(
                        "<user username=\"" + name + "\" password=\"" + password + "\" roles=\"users\"/>"));
        Files.writeString(directory.resolve("conf/tomcat-users.xml"), users.append("</tomcat-users>"));
        Path webapps = Files.createDirectory(directory.resolve("webapps"));
        Files.copy(deployment(), webapps.resolve(warName(contextPath)));
        // What bin/catalina.sh does, without a shell between the process and its handle.
        return List.of(
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                "--add-opens=java.base/java.io=ALL-UNNAMED",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
                "--add-opens=java.rmi/sun.rmi.transport=ALL-UNNAMED",
                "-Djava.util.logging.config.file=" + directory.resolve("conf/logging.properties"),
                "-Djava.util.logging.manager=org.apache.juli.ClassLoaderLogManager",
                "-Dcatalina.home=" + home,
                "-Dcatalina.base=" + directory,
                "-cp",
                home.resolve("bin/bootstrap.jar") + File.pathSeparator + home.resolve("bin/tomcat-juli.jar"),
                "org.apache.catalina.startup.Bootstrap",
                "start");
    }

    /** Removes the WAR, and waits until the server has noticed. */
    void undeploy() throws IOException {
        Path webapps = directory().resolve("webapps");
        Files.delete(webapps.resolve(warName(contextPath)));
        await().atMost(Duration.ofSeconds(30)) // it looks every ten
                .until(() -> Files.notExists(webapps.resolve(contextPath.substring(1))));
    }

    @Override
    public String log() throws IOException {
        String log = CLOSED_WHILE_SENDING.matcher(super.log()).replaceAll("");
        return GONE_BEFORE_FLUSH.matcher(log).replaceAll("");
    }

    @Override
    public boolean detectsLeaks() {
        return true;
    }
}
