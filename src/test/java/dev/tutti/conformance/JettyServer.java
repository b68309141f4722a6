package dev.tutti.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Eclipse Jetty with the modules for a WAR of Jakarta EE 10 with WebSockets, and the module for a graceful stop. */
final class JettyServer extends ContainerServer {
    private final Path home;
    private final String contextPath;

    JettyServer(String version, String contextPath) {
        super("jetty-" + version, contextPath);
        this.home = servers().resolve("jetty-home-" + version);
        this.contextPath = contextPath;
    }

    @Override
    List<String> prepare(Path directory, int port) throws IOException {
        Path modules = Files.createDirectory(directory.resolve("start.d"));
        // Each module file belongs to one Jetty environment, and so do the properties in it.
        Files.writeString(modules.resolve("http.ini"), """
                --module=http,graceful
                jetty.http.host=127.0.0.1
                jetty.http.port=%d
                """.formatted(port));
        Files.writeString(
                modules.resolve("ee10.ini"), "--module=ee10-deploy,ee10-annotations,ee10-websocket-jakarta\n");
        Path webapps = Files.createDirectory(directory.resolve("webapps"));
        Files.copy(deployment(), webapps.resolve(warName(contextPath)));
        return List.of(
                "-Djetty.home=" + home,
                "-Djetty.base=" + directory,
                "-jar",
                home.resolve("start.jar").toString());
    }

    @Override
    public Set<Integer> closeCodesOfSender(int code) {
        return Set.of(code, 1006);
    }
}
