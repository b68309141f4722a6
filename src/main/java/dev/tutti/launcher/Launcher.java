package dev.tutti.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;

/**
 * The main class of {@code java -jar tutti.war}: unpacks the WAR's jars into a cache, once for each WAR and user, and starts the standalone
 * server from there. The cache is {@code $XDG_CACHE_HOME/tutti/<checksum>}, by default under {@code ~/.cache}; the user may delete it at any
 * time. Stateless.
 */
public final class Launcher {
    private static final String MAIN = "dev.tutti.standalone.Main";

    private Launcher() {}

    /** Starts the server with the given options. */
    public static void main(String[] args) throws Throwable {
        Path war = ownWar();
        Path lib;
        try {
            lib = unpack(war);
        } catch (IOException e) {
            System.err.println(
                    "tutti: cannot unpack into " + cache() + " (" + e + "); set XDG_CACHE_HOME to another directory");
            System.exit(1);
            return;
        }
        if (System.getProperty("tutti.webapp") == null) {
            System.setProperty("tutti.webapp", war.toString());
        }
        ClassLoader loader = new URLClassLoader(jars(lib), ClassLoader.getPlatformClassLoader());
        Thread.currentThread().setContextClassLoader(loader);
        try {
            loader.loadClass(MAIN).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Path ownWar() throws URISyntaxException {
        return Path.of(Launcher.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    /** Returns the directory with the unpacked jars. */
    private static Path unpack(Path war) throws IOException {
        try (JarFile file = new JarFile(war.toFile())) {
            List<? extends ZipEntry> jars = file.stream()
                    .filter(entry -> entry.getName().startsWith("WEB-INF/lib")
                            && entry.getName().endsWith(".jar"))
                    .toList();
            Path directory = cache().resolve(checksum(jars));
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory.getParent());
                unpack(file, jars, directory);
            }
            return directory;
        }
    }

    /** Creates a directory with these entries in one atomic step. Keeps a directory that another process has created. */
    static void unpack(JarFile file, List<? extends ZipEntry> jars, Path directory) throws IOException {
        Path temporary = Files.createTempDirectory(directory.getParent(), "unpacking-");
        try {
            for (ZipEntry jar : jars) {
                try (InputStream content = file.getInputStream(jar)) {
                    Files.copy(content, temporary.resolve(Path.of(jar.getName()).getFileName()));
                }
            }
            Files.move(temporary, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) { // the exception for an existing directory depends on the system
            delete(temporary);
            if (!Files.isDirectory(directory)) {
                throw e;
            }
        }
    }

    private static Path cache() {
        String given = System.getenv("XDG_CACHE_HOME");
        Path base =
                given == null || given.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(given);
        return base.resolve("tutti");
    }

    private static String checksum(List<? extends ZipEntry> jars) {
        CRC32 names = new CRC32();
        CRC32 contents = new CRC32();
        for (ZipEntry jar : jars) {
            names.update(jar.getName().getBytes(UTF_8));
            contents.update(Long.toString(jar.getCrc() * 31 + jar.getSize()).getBytes(UTF_8));
        }
        return Long.toHexString(names.getValue()) + Long.toHexString(contents.getValue());
    }

    private static URL[] jars(Path directory) throws IOException {
        List<URL> urls = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            // Tutti's own jars first: the loader opens others only when it has not found a class.
            Comparator<Path> order =
                    Comparator.comparing(jar -> !jar.getFileName().toString().startsWith("tutti-"));
            for (Path jar : (Iterable<Path>) files.sorted(order.thenComparing(Comparator.naturalOrder()))::iterator) {
                urls.add(url(jar));
            }
        }
        return urls.toArray(URL[]::new);
    }

    private static URL url(Path jar) throws MalformedURLException {
        return jar.toUri().toURL();
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        }
    }
}
