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
 * {@code java -jar tutti.war}: unpacks the WAR's jars, once for each WAR and user, and starts the standalone server from them. The
 * folder is {@code $XDG_CACHE_HOME/tutti/<checksum>}, by default under {@code ~/.cache}; it may be deleted at any time.
 */
public final class Launcher {
    private static final String MAIN = "dev.tutti.standalone.Main";

    private Launcher() {}

    /** Starts the server with these options. */
    public static void main(String[] args) throws Throwable {
        Path war = ownWar();
        Path lib;
        try {
            lib = unpack(war);
        } catch (IOException e) {
            System.err.println(
                    "tutti: cannot unpack into " + cache() + " (" + e + "); XDG_CACHE_HOME chooses another folder");
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

    /** Returns the folder that holds the WAR's jars. */
    private static Path unpack(Path war) throws IOException {
        try (JarFile file = new JarFile(war.toFile())) {
            List<? extends ZipEntry> jars = file.stream()
                    .filter(entry -> entry.getName().startsWith("WEB-INF/lib")
                            && entry.getName().endsWith(".jar"))
                    .toList();
            Path folder = cache().resolve(checksum(jars));
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder.getParent());
                unpack(file, jars, folder);
            }
            return folder;
        }
    }

    /** Makes a folder that holds these entries, at once and complete; leaves one that another process has made meanwhile. */
    static void unpack(JarFile file, List<? extends ZipEntry> jars, Path folder) throws IOException {
        Path fresh = Files.createTempDirectory(folder.getParent(), "unpacking-");
        try {
            for (ZipEntry jar : jars) {
                try (InputStream content = file.getInputStream(jar)) {
                    Files.copy(content, fresh.resolve(Path.of(jar.getName()).getFileName()));
                }
            }
            Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) { // systems differ in what they call a folder that is there already
            delete(fresh);
            if (!Files.isDirectory(folder)) {
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

    private static URL[] jars(Path folder) throws IOException {
        List<URL> urls = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path jar : (Iterable<Path>) files.sorted()::iterator) {
                urls.add(url(jar));
            }
        }
        return urls.toArray(URL[]::new);
    }

    private static URL url(Path jar) throws MalformedURLException {
        return jar.toUri().toURL();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        }
    }
}
