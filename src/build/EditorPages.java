import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Builds the pages of documents and of the guide, and the short form of tutti.js, with Node.js if their sources have changed. Without Node.js their
 * directory stays empty, which is an error in CI only.
 */
public final class EditorPages {
    private static final Path WEBAPP = Path.of("webapp");
    private static final Path SOURCE = WEBAPP.resolve("editor");
    private static final Path PACKAGES = SOURCE.resolve("node_modules");
    private static final Path GUIDE = Path.of("docs", "guide");
    private static final Path PAGES = Path.of("target", "editor");

    /** The npm package of tutti.js, which the same build makes. */
    private static final Path CLIENT = Path.of("target", "tutti-client");

    /** The checksum of the sources at the last build. */
    private static final Path BUILT_CHECKSUM = Path.of("target", "editor.built");

    /** The checksum of the package lists at the last installation. */
    private static final Path INSTALLED_CHECKSUM = PACKAGES.resolve(".installed");

    /** A version of Node.js; Vite requires 20.19 or later, or 22.12 or later. */
    private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.(\\d+)\\..*");

    private static final boolean WINDOWS =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");

    private EditorPages() {}

    /** Runs in the project's directory. With the argument {@code true} it keeps the pages as they are. */
    public static void main(String[] args) throws IOException, InterruptedException {
        boolean skipped = args.length > 0 && args[0].equals("true");
        String sources = skipped ? "" : checksum(sources());
        boolean isBuilt = Files.exists(PAGES.resolve("pages.js")) && Files.exists(CLIENT);
        if (skipped || (matches(BUILT_CHECKSUM, sources) && isBuilt)) {
            Files.createDirectories(PAGES);
            return;
        }
        delete(PAGES);
        delete(CLIENT);
        Files.createDirectories(PAGES);
        if (!isNodeAvailable()) {
            System.err.println("Skipping the pages of documents: they require Node.js 20.19 or later, and npm.");
            System.err.println("-Dskip.editor skips them without this message.");
            System.exit("true".equals(System.getenv("CI")) ? 1 : 0);
        }
        String packages = checksum(List.of(SOURCE.resolve("package.json"), SOURCE.resolve("package-lock.json")));
        if (!matches(INSTALLED_CHECKSUM, packages)) {
            System.out.println("Installing the build tools of the document pages into " + PACKAGES);
            run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
            Files.writeString(INSTALLED_CHECKSUM, packages);
        }
        run("npm", "run", "--silent", "build");
        Files.writeString(BUILT_CHECKSUM, sources);
    }

    /** Returns the source files of all pages and of the guide: the pages of documents share some with the others. */
    private static List<Path> sources() throws IOException {
        List<Path> files = new ArrayList<>();
        SimpleFileVisitor<Path> collector = new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return folder.equals(PACKAGES) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.add(file);
                return FileVisitResult.CONTINUE;
            }
        };
        Files.walkFileTree(WEBAPP, collector);
        Files.walkFileTree(GUIDE, collector);
        Collections.sort(files);
        return files;
    }

    private static String checksum(List<Path> files) throws IOException {
        CRC32 checksum = new CRC32();
        for (Path file : files) {
            checksum.update(file.toString().getBytes(UTF_8));
            checksum.update(Files.readAllBytes(file));
        }
        return Long.toHexString(checksum.getValue());
    }

    private static boolean matches(Path file, String checksum) throws IOException {
        return Files.exists(file) && Files.readString(file).equals(checksum);
    }

    private static boolean isNodeAvailable() throws IOException, InterruptedException {
        Matcher version = VERSION.matcher(firstLine("node", "--version"));
        if (!version.matches() || firstLine("npm", "--version").isEmpty()) {
            return false;
        }
        int major = Integer.parseInt(version.group(1));
        int minor = Integer.parseInt(version.group(2));
        return (major == 20 && minor >= 19) || (major == 22 && minor >= 12) || major > 22;
    }

    /** Returns the first line of a command's output; an empty one if the command does not exist or fails. */
    private static String firstLine(String... command) throws IOException, InterruptedException {
        try {
            Process process = process(command).redirectErrorStream(false).start();
            process.getOutputStream().close();
            String line = process.inputReader().readLine();
            return process.waitFor() == 0 && line != null ? line : "";
        } catch (IOException e) {
            return "";
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        int status =
                process(command).directory(SOURCE.toFile()).inheritIO().start().waitFor();
        if (status != 0) {
            System.err.println(String.join(" ", command) + " in " + SOURCE + " failed with status " + status
                    + ". -Dskip.editor skips the pages of documents.");
            System.exit(1);
        }
    }

    /** Returns a builder for a command. On Windows npm is a script, which requires a shell. */
    private static ProcessBuilder process(String... command) {
        List<String> words = new ArrayList<>(WINDOWS ? List.of("cmd", "/c") : List.of());
        Collections.addAll(words, command);
        return new ProcessBuilder(words);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        }
    }
}
