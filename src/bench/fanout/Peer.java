package fanout;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A server to measure. Immutable.
 *
 * @param group each peer is compared with Tutti in the same group
 * @param protocol of the messages
 * @param everybody the path of the room for all clients
 * @param room the path of a room, with %d for its number
 * @param quick whether the quick mode includes it
 */
record Peer(
        String name,
        String says,
        String group,
        Protocol protocol,
        String everybody,
        String room,
        boolean quick,
        Launch launch) {

    /** What clients speak. */
    enum Protocol {
        PLAIN,
        SOCKET_IO("-i"),
        TUTTI_V1("-t");

        private final List<String> options;

        Protocol(String... options) {
            this.options = List.of(options);
        }

        /** Returns fanload's options. */
        List<String> options() {
            return options;
        }
    }

    /** How the server is started. */
    interface Launch {
        /**
         * Returns the process's command.
         *
         * @throws Missing if a runtime is not installed, or the peer is not built
         */
        List<String> command(int port) throws IOException, Missing;
    }

    /** This machine lacks a requirement of a peer. */
    static final class Missing extends Exception {
        private static final long serialVersionUID = 1;

        Missing(String what) {
            super(what);
        }
    }

    static final Path OUT = Path.of("target/bench").toAbsolutePath();

    private static final String ALONE = "alone";
    private static final String SOCKET_IO = "/socket.io/?EIO=4&transport=websocket";
    private static final String CLASSIC_LOOP = "a synchronized set, `getBasicRemote().sendText` in a loop";
    private static final String OURS_IN_CONTAINER = "the WAR";
    private static final String TUTTI_V1 = "tutti.v1";
    private static final String OVER_TUTTI_V1 = ", `tutti.v1`";
    private static final String CONNECT = "/connect";

    static final List<Peer> ALL = List.of(
            plain("tutti", "`java -jar tutti.war`", "/ws", true, Peer::tutti),
            new Peer(
                    TUTTI_V1,
                    "`java -jar tutti.war`" + OVER_TUTTI_V1,
                    ALONE,
                    Protocol.TUTTI_V1,
                    CONNECT,
                    CONNECT,
                    true,
                    Peer::tutti),
            plain("node-ws", "Node, `ws`", "/ws", true, port -> node("node-ws", port)),
            new Peer(
                    "socket.io",
                    "Node, Socket.IO",
                    ALONE,
                    Protocol.SOCKET_IO,
                    SOCKET_IO,
                    SOCKET_IO + "&room=r%d",
                    true,
                    port -> node("socket.io", port)),
            plain("gorilla", "Go, gorilla/websocket's chat", "/ws", true, Peer::gorilla),
            plain("uwebsockets", "C++, a broadcast with uWebSockets", "/ws", true, Peer::uwebsockets),
            new Peer(
                    "tyrus-classic",
                    "Tyrus: " + CLASSIC_LOOP,
                    ALONE,
                    Protocol.PLAIN,
                    "/ws/all",
                    "/ws/r%d",
                    true,
                    Peer::tyrus),
            new Peer(
                    "tyrus-async",
                    "Tyrus: a concurrent set, `getAsyncRemote().sendText` in a loop",
                    ALONE,
                    Protocol.PLAIN,
                    "/async/all",
                    "/async/r%d",
                    false,
                    Peer::tyrus),
            inContainer("tutti", "Tomcat 10.1", true, Peer::tomcat),
            inContainer(TUTTI_V1, "Tomcat 10.1", false, Peer::tomcat),
            inContainer("classic", "Tomcat 10.1", true, Peer::tomcat),
            inContainer("tutti", "WildFly", false, Peer::wildfly),
            inContainer(TUTTI_V1, "WildFly", false, Peer::wildfly),
            inContainer("classic", "WildFly", false, Peer::wildfly),
            inContainer("tutti", "Payara", false, Peer::payara),
            inContainer(TUTTI_V1, "Payara", false, Peer::payara),
            inContainer("classic", "Payara", false, Peer::payara));

    /** Whether this is Tutti, with either protocol. */
    boolean ours() {
        return name.startsWith("tutti");
    }

    /** Whether the others of the group are compared with this: Tutti with the plain protocol. */
    boolean isReference() {
        return ours() && protocol == Protocol.PLAIN;
    }

    boolean alone() {
        return group.equals(ALONE);
    }

    /** All Java servers have the same heap size, so that their memory is comparable. */
    private static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Djava.net.preferIPv4Stack=true",
                "-Djava.io.tmpdir=" + OUT.resolve("tmp")));
        command.addAll(List.of(arguments));
        return command;
    }

    private static List<String> tutti(int port) {
        return java("-jar", OUT.resolve("tutti.war").toString(), "--host", "127.0.0.1", "--port", "" + port);
    }

    private static List<String> node(String folder, int port) throws Missing {
        require(OUT.resolve(folder).resolve("node_modules"), "node or its packages");
        return List.of("node", OUT.resolve(folder).resolve("server.js").toString(), "" + port);
    }

    private static List<String> gorilla(int port) throws Missing {
        Path program = OUT.resolve("gorilla");
        require(program, "Go or gorilla/websocket");
        return List.of(program.toString(), "" + port);
    }

    /** A program of the reader's own: the project contains neither uWebSockets nor its build. */
    private static List<String> uwebsockets(int port) throws Missing {
        String program = System.getProperty("uwebsockets", "");
        if (program.isEmpty()) {
            throw new Missing("no --uwebsockets program");
        }
        require(Path.of(program), program);
        return List.of(program, "" + port);
    }

    private static List<String> tyrus(int port) {
        return java(
                "-cp",
                OUT.resolve("classic/WEB-INF/classes") + ":" + OUT.resolve("lib") + "/*",
                "classic.TyrusMain",
                "" + port);
    }

    private interface Container {
        List<String> command(Path war, int port) throws IOException, Missing;
    }

    /** A server alone, whose rooms are below the path of the room for all. */
    private static Peer plain(String name, String says, String path, boolean quick, Launch launch) {
        return new Peer(name, says, ALONE, Protocol.PLAIN, path, path + "/r%d", quick, launch);
    }

    /** The WAR, with either protocol, or the classic hub. */
    private static Peer inContainer(String what, String server, boolean quick, Container container) {
        boolean classic = what.equals("classic");
        boolean tuttiV1 = what.equals(TUTTI_V1);
        String war = classic ? "classic" : "tutti";
        return new Peer(
                what + "-" + server.toLowerCase().replaceAll(" .*", ""),
                classic ? CLASSIC_LOOP : tuttiV1 ? OURS_IN_CONTAINER + OVER_TUTTI_V1 : OURS_IN_CONTAINER,
                server,
                tuttiV1 ? Protocol.TUTTI_V1 : Protocol.PLAIN,
                "/" + war + (classic ? "/ws/all" : tuttiV1 ? CONNECT : "/ws"),
                "/" + war + (tuttiV1 ? CONNECT : "/ws/r%d"),
                quick,
                port -> container.command(OUT.resolve(war + ".war"), port));
    }

    private static List<String> tomcat(Path war, int port) throws IOException, Missing {
        Path home = server("apache-tomcat-10");
        Path base = emptied("tomcat");
        copy(home.resolve("conf"), base.resolve("conf"));
        Files.writeString(base.resolve("conf/server.xml"), """
                <Server port="-1">
                  <Service name="Catalina">
                    <Connector port="%d" address="127.0.0.1"/>
                    <Engine name="Catalina" defaultHost="localhost">
                      <Host name="localhost" appBase="webapps"/>
                    </Engine>
                  </Service>
                </Server>
                """.formatted(port));
        Files.createDirectories(base.resolve("webapps"));
        Files.createDirectories(base.resolve("logs"));
        Files.copy(war, base.resolve("webapps").resolve(war.getFileName()));
        return java(
                "-Dcatalina.home=" + home,
                "-Dcatalina.base=" + base,
                "-cp",
                home.resolve("bin/bootstrap.jar") + ":" + home.resolve("bin/tomcat-juli.jar"),
                "org.apache.catalina.startup.Bootstrap",
                "start");
    }

    private static List<String> wildfly(Path war, int port) throws IOException, Missing {
        Path home = server("wildfly");
        Path base = emptied("wildfly");
        copy(home.resolve("standalone/configuration"), base.resolve("configuration"));
        Files.createDirectories(base.resolve("deployments"));
        Files.copy(war, base.resolve("deployments").resolve(war.getFileName()));
        return java(
                "--add-exports=java.desktop/sun.awt=ALL-UNNAMED",
                "--add-exports=java.naming/com.sun.jndi.ldap=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
                "--add-opens=java.base/java.io=ALL-UNNAMED",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
                "--add-opens=java.management/javax.management=ALL-UNNAMED",
                "-Djboss.home.dir=" + home,
                "-Djboss.server.base.dir=" + base,
                "-Djboss.bind.address=127.0.0.1",
                "-Djboss.bind.address.management=127.0.0.1",
                "-Djboss.http.port=" + port,
                "-Djboss.https.port=" + freePort(),
                "-Djboss.management.http.port=" + freePort(),
                "-Dlogging.configuration=file:" + base.resolve("configuration/logging.properties"),
                "-Dorg.jboss.boot.log.file=" + base.resolve("boot.log"),
                "-jar",
                home.resolve("jboss-modules.jar").toString(),
                "-mp",
                home.resolve("modules").toString(),
                "org.jboss.as.standalone");
    }

    /** Payara always opens a port for its data grid on all addresses; nothing connects to it. */
    private static List<String> payara(Path war, int port) throws IOException, Missing {
        Path jar = server("payara-micro.jar");
        Path base = emptied("payara");
        Path commands = base.resolve("boot.txt");
        Files.writeString(
                commands,
                "set configs.config.server-config.network-config.network-listeners.network-listener.http-listener.address=127.0.0.1\n");
        return java(
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.net=ALL-UNNAMED",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/sun.net.www.protocol.jrt=ALL-UNNAMED",
                "--add-opens=java.management/sun.management=ALL-UNNAMED",
                "--add-opens=java.naming/javax.naming.spi=ALL-UNNAMED",
                "--add-opens=java.base/jdk.internal.loader=ALL-UNNAMED",
                "--add-opens=java.base/sun.util.locale=ALL-UNNAMED",
                "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
                "--add-exports=java.base/sun.net.www=ALL-UNNAMED",
                "-jar",
                jar.toString(),
                "--nocluster",
                "--port",
                "" + port,
                "--rootdir",
                Files.createDirectories(base.resolve("root")).toString(),
                "--prebootcommandfile",
                commands.toString(),
                "--deploy",
                war.toString());
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Path server(String prefix) throws IOException, Missing {
        Path servers = Path.of("target/servers").toAbsolutePath();
        require(servers, "target/servers");
        try (Stream<Path> files = Files.list(servers)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow(() -> new Missing("target/servers/" + prefix + "*"));
        }
    }

    private static void require(Path file, String what) throws Missing {
        if (!Files.exists(file)) {
            throw new Missing(what);
        }
    }

    private static Path emptied(String name) throws IOException {
        Path folder = OUT.resolve("base").resolve(name);
        if (Files.exists(folder)) {
            List<Path> files;
            try (Stream<Path> walk = Files.walk(folder)) {
                files = new ArrayList<>(walk.toList());
            }
            for (int i = files.size() - 1; i >= 0; i--) {
                Files.delete(files.get(i));
            }
        }
        return Files.createDirectories(folder);
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(from)) {
            files = walk.toList();
        }
        for (Path file : files) {
            Path target = to.resolve(from.relativize(file).toString());
            Files.createDirectories(target.getParent());
            if (Files.isRegularFile(file)) {
                Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
