package dev.tutti.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** GlassFish with a copy of its default domain, in which only the listeners for HTTP and for administration are enabled. */
final class GlassFishServer extends ContainerServer {
    /**
     * A log record with a stack trace from the container's own code. GlassFish writes these when a peer resets its connection during the
     * handshake, when a peer is closed that does not read, and when a path has a colon.
     */
    private static final Pattern GLASSFISH_STACK_TRACE = Pattern.compile(
            "(?m)^\\[#\\|.*\\R" // time, level, logger, thread
                    + "(?:(?!\\tat |\\[#).*\\R)*+" // message, exception
                    + "(?:\\tat java\\.base/.*\\R)*+"
                    + "\\tat (?:org\\.glassfish\\.(?:grizzly|tyrus)|org\\.apache\\.catalina|jakarta\\.security\\.jacc|com\\.sun\\.web\\.security)\\..*\\R"
                    + "(?:\\t(?:at |\\.\\.\\. ).*\\R|Caused by: .*\\R(?!\\tat dev\\.tutti))*+"
                    + "\\|#]$");

    private static final Pattern JVM_OPTION = Pattern.compile("<jvm-options>(.*)</jvm-options>");

    private final Path home = servers().resolve("glassfish7/glassfish");
    private final String contextPath;

    GlassFishServer(String contextPath) {
        super("glassfish", contextPath);
        this.contextPath = contextPath;
        optimizing(); // as Payara's
    }

    @Override
    List<String> prepare(Path directory, int port) throws IOException {
        Path domain = directory.resolve("domain");
        copy(home.resolve("domains/domain1"), domain);
        String configuration = configuration(domain.resolve("config/domain.xml"), port);
        Files.writeString(domain.resolve("config/domain.xml"), configuration);
        Files.copy(deployment(), domain.resolve("autodeploy").resolve(warName(contextPath)));
        // Like bin/startserv, without a shell: the process handle belongs to the server.
        List<String> command = new ArrayList<>(jvmOptions(configuration, domain));
        command.addAll(List.of(
                "-Dcom.sun.aas.instanceRoot=" + domain,
                "-Dcom.sun.aas.installRoot=" + home,
                "-jar",
                home.resolve("modules/glassfish.jar").toString(),
                "-type",
                "DAS",
                "-instancename",
                "server",
                "-domainname",
                "domain1",
                "-domaindir",
                domain.toString()));
        return command;
    }

    @Override
    public String log() throws IOException {
        String log = GLASSFISH_STACK_TRACE.matcher(super.log()).replaceAll("");
        return PayaraMicroServer.RECYCLED_REQUEST.matcher(log).replaceAll("");
    }

    @Override
    public Set<Integer> closeCodesOnStop() {
        return Set.of(1001, 1006);
    }

    @Override
    public int handshakeAttempts() {
        return 2;
    }

    @Override
    public boolean acceptsColonInPath() {
        return false;
    }

    /** Returns the default configuration with listeners for HTTP and for administration only, on 127.0.0.1. */
    private static String configuration(Path defaults, int port) throws IOException {
        return Files.readString(defaults)
                .replaceAll("<(iiop-listener|jmx-connector) ", "<$1 enabled=\"false\" ")
                .replace("</http-service>", "</http-service><jms-service type=\"DISABLED\"/>")
                .replace(",http-listener-2", "")
                .replace("port=\"8181\"", "enabled=\"false\" port=\"8181\"")
                .replace("port=\"8080\"", "address=\"127.0.0.1\" port=\"" + port + "\"")
                .replace("port=\"4848\"", "address=\"127.0.0.1\" port=\"" + freePort() + "\"");
    }

    /** Returns the options of the default configuration, without its heap and its remote shell. */
    private List<String> jvmOptions(String configuration, Path domain) {
        String server = configuration.substring(0, configuration.indexOf("</config>"));
        List<String> options = new ArrayList<>();
        for (Matcher option = JVM_OPTION.matcher(server); option.find(); ) {
            options.add(option.group(1)
                    .replace("${com.sun.aas.instanceRoot}", domain.toString())
                    .replace("${com.sun.aas.installRoot}", home.toString()));
        }
        options.removeIf(option ->
                option.startsWith("-Xmx") || option.startsWith("-Dorg.glassfish.additionalOSGiBundlesToStart="));
        return options;
    }
}
