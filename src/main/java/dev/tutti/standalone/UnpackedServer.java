package dev.tutti.standalone;

import static java.util.stream.Collectors.joining;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/**
 * A directory from which {@code java @options} starts the server without the launcher: it has the WAR, its jars in {@code lib}, and {@code options}, a
 * file of arguments for {@code java}. A class archive of the JVM holds only classes of jars that a class path names. Stateless.
 */
final class UnpackedServer {
    private UnpackedServer() {}

    /**
     * Creates the directory.
     *
     * @param war with the jars of standalone
     * @throws IOException if that fails, also if the directory exists
     */
    static void create(Path war, Path directory) throws IOException {
        Path target = directory.toAbsolutePath().normalize();
        try {
            Path parent = target.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.createDirectory(target);
            Path copy = Files.copy(war, target.resolve("tutti.war"));
            String classPath = unpackJars(copy, Files.createDirectory(target.resolve("lib"))).stream()
                    .map(Path::toString)
                    .collect(joining(File.pathSeparator));
            List<String> arguments = List.of("-Dtutti.webapp=" + copy, "-cp", classPath, Main.class.getName());
            Files.write(
                    target.resolve("options"),
                    arguments.stream().map(UnpackedServer::quoted).toList());
        } catch (IOException e) {
            throw new IOException("cannot unpack into " + target + ", which must be a new directory: " + e, e);
        }
    }

    /** Returns the jars, Tutti's own first: a loader opens others only when it has not found a class. */
    private static List<Path> unpackJars(Path war, Path lib) throws IOException {
        List<Path> jars = new ArrayList<>();
        try (JarFile file = new JarFile(war.toFile())) {
            for (ZipEntry entry : (Iterable<ZipEntry>) file.stream().map(ZipEntry.class::cast)::iterator) {
                if (entry.getName().startsWith("WEB-INF/lib") && entry.getName().endsWith(".jar")) {
                    Path jar = lib.resolve(Path.of(entry.getName()).getFileName());
                    try (InputStream content = file.getInputStream(entry)) {
                        Files.copy(content, jar);
                    }
                    jars.add(jar);
                }
            }
        }
        Comparator<Path> order =
                Comparator.comparing(jar -> !jar.getFileName().toString().startsWith("tutti-"));
        jars.sort(order.thenComparing(Comparator.naturalOrder()));
        return jars;
    }

    /** Returns a line of a file of arguments, in which a backslash escapes. */
    private static String quoted(String argument) {
        return '"' + argument.replace("\\", "\\\\") + '"';
    }
}
