package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Builds the WAR of {@code src/example/application}, with what its pom.xml takes from Tutti: all libraries, and the pages that it has not itself.
 * Compiles against the libraries of the servers, so that nothing is downloaded. Stateless.
 */
final class ExampleWar {
    private static final Path SOURCES = Path.of("src/example/application/src/main");

    /** The roots of Tutti's WAR that are for {@code java -jar} alone. */
    private static final Set<String> STANDALONE = Set.of("dev", "META-INF");

    /** Those libraries of Tutti's WAR that are optional for other applications. */
    private static final List<String> OPTIONAL = List.of("h2-mvstore", "postgresql");

    private ExampleWar() {}

    /** Builds the WAR in an empty folder. */
    static Path build(Path folder) throws IOException {
        Path war = folder.resolve("desk.war");
        try (FileSystem tutti = FileSystems.newFileSystem(ContainerServer.war());
                FileSystem desk = FileSystems.newFileSystem(war, Map.of("create", "true"))) {
            Path target = desk.getPath("/");
            try (Stream<Path> roots = Files.list(tutti.getPath("/"))) {
                for (Path root : (Iterable<Path>) roots::iterator) {
                    if (!STANDALONE.contains(name(root)) && !name(root).equals("WEB-INF")) {
                        copy(root, target.resolve(name(root)));
                    }
                }
            }
            copyLibraries(tutti.getPath("/WEB-INF/lib"), target.resolve("WEB-INF/lib"));
            copy(compile(folder, tutti.getPath("/WEB-INF/lib/tutti-classes.jar")), target.resolve("WEB-INF/classes"));
            copy(SOURCES.resolve("webapp"), target);
        }
        return war;
    }

    private static void copyLibraries(Path from, Path to) throws IOException {
        try (Stream<Path> libraries = Files.list(from)) {
            for (Path library : (Iterable<Path>) libraries::iterator) {
                if (OPTIONAL.stream().noneMatch(name(library)::startsWith)) {
                    copy(library, to.resolve(name(library)));
                }
            }
        }
    }

    /** Returns a copy of a WAR that has more libraries. */
    static Path withLibraries(Path war, Path libraries) throws IOException {
        Path copy = Files.copy(war, war.resolveSibling("desk-with-libraries.war"));
        try (FileSystem files = FileSystems.newFileSystem(copy)) {
            copy(libraries, files.getPath("/WEB-INF/lib"));
        }
        return copy;
    }

    private static String name(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    }

    /** Copies a file or a folder over another. */
    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.deleteIfExists(target);
                    Files.copy(file, target);
                }
            }
        }
    }

    private static Path compile(Path folder, Path tutti) throws IOException {
        Path classes = Files.createDirectory(folder.resolve("classes"));
        Path library = Files.copy(tutti, folder.resolve("tutti-classes.jar"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.walk(SOURCES.resolve("java"))) {
            boolean compiled = compiler.getTask(
                            messages,
                            files,
                            null,
                            List.of(
                                    "-Xlint:all,-processing,-classfile",
                                    "-Werror",
                                    "--release",
                                    "17",
                                    "-d",
                                    classes.toString(),
                                    "-cp",
                                    library + jakarta()),
                            null,
                            files.getJavaFileObjectsFromPaths(
                                    sources.filter(file -> file.toString().endsWith(".java"))
                                            .toList()))
                    .call();
            assertThat(compiled).as(messages.toString()).isTrue();
        }
        return classes;
    }

    /** Returns the APIs of Jakarta EE 10, of which WildFly has each in a library of its own, as a part of a class path. */
    private static String jakarta() throws IOException {
        Path modules = ContainerServer.servers()
                .resolve("wildfly-" + ContainerServer.property("tutti.wildfly.version"))
                .resolve("modules/system/layers/base/jakarta");
        try (Stream<Path> files = Files.walk(modules)) {
            return files.map(Path::toString)
                    .filter(file -> file.endsWith(".jar"))
                    .map(file -> File.pathSeparator + file)
                    .collect(Collectors.joining());
        }
    }
}
