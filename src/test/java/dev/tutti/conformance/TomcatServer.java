package dev.tutti.conformance;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Apache Tomcat with the configuration it comes with, but for ports and address. */
final class TomcatServer extends ContainerServer {
    private final Path home;
    private final String contextPath;

    TomcatServer(String version, String contextPath) {
        super("tomcat-" + version, contextPath);
        this.home = servers().resolve("apache-tomcat-" + version);
        this.contextPath = contextPath;
    }

    @Override
    List<String> prepare(Path directory, int port) throws IOException {
        copy(home.resolve("conf"), directory.resolve("conf"));
        Path configuration = directory.resolve("conf/server.xml");
        Files.writeString(
                configuration,
                Files.readString(configuration)
                        .replace("<Server port=\"8005\"", "<Server port=\"-1\"")
                        .replace("<Connector port=\"8080\"", "<Connector address=\"127.0.0.1\" port=\"" + port + "\""));
        Path webapps = Files.createDirectory(directory.resolve("webapps"));
        Files.copy(war(), webapps.resolve(warName(contextPath)));
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

    @Override
    public boolean looksForLeaks() {
        return true;
    }
}
