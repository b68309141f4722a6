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
 * Builds the pages of documents with Node.js, if anything has changed that they are made of. Without Node.js their folder is empty,
 * which is an error in CI only.
 */
public final class EditorPages {
    private static final Path WEBAPP = Path.of("webapp");
    private static final Path SOURCE = WEBAPP.resolve("editor");
    private static final Path PACKAGES = SOURCE.resolve("node_modules");
    private static final Path PAGES = Path.of("target", "editor");

    /** What the pages were last built from. */
    private static final Path BUILT = Path.of("target", "editor.built");

    /** What the packages were last installed from. */
    private static final Path INSTALLED = PACKAGES.resolve(".installed");

    /** What Vite asks for: 20.19 or later, or 22.12 or later. */
    private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.(\\d+)\\..*");

    private static final boolean WINDOWS =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");

    private EditorPages() {}

    /** Runs in the project's folder; with {@code true} as its argument it leaves the pages as they are. */
    public static void main(String[] args) throws IOException, InterruptedException {
        boolean skipped = args.length > 0 && args[0].equals("true");
        String sources = skipped ? "" : checksum(sources());
        if (skipped || (is(BUILT, sources) && Files.exists(PAGES.resolve("pages.js")))) {
            Files.createDirectories(PAGES);
            return;
        }
        delete(PAGES);
        Files.createDirectories(PAGES);
        if (!nodeIsThere()) {
            System.err.println("The pages of documents are left out: they need Node.js 20.19 or later, and npm.");
            System.err.println("Everything else is built. With -Dskip.editor this is not tried.");
            System.exit("true".equals(System.getenv("CI")) ? 1 : 0);
        }
        String packages = checksum(List.of(SOURCE.resolve("package.json"), SOURCE.resolve("package-lock.json")));
        if (!is(INSTALLED, packages)) {
            System.out.println("Installing what the pages of documents are built with, into " + PACKAGES);
            run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
            Files.writeString(INSTALLED, packages);
        }
        run("npm", "run", "--silent", "build");
        Files.writeString(BUILT, sources);
    }

    /** Returns the files that the pages are made of: their own, and those of the other pages, which they share some of. */
    private static List<Path> sources() throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(WEBAPP, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return folder.equals(PACKAGES) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.add(file);
                return FileVisitResult.CONTINUE;
            }
        });
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

    private static boolean is(Path note, String checksum) throws IOException {
        return Files.exists(note) && Files.readString(note).equals(checksum);
    }

    private static boolean nodeIsThere() throws IOException, InterruptedException {
        Matcher version = VERSION.matcher(answer("node", "--version"));
        if (!version.matches() || answer("npm", "--version").isEmpty()) {
            return false;
        }
        int major = Integer.parseInt(version.group(1));
        int minor = Integer.parseInt(version.group(2));
        return (major == 20 && minor >= 19) || (major == 22 && minor >= 12) || major > 22;
    }

    /** Returns the first line that a command writes; an empty one if there is no such command. */
    private static String answer(String... command) throws IOException, InterruptedException {
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
            System.err.println(String.join(" ", command) + " in " + SOURCE + " ended with " + status
                    + ". -Dskip.editor builds everything else.");
            System.exit(1);
        }
    }

    /** On Windows npm is a script, which only its shell starts. */
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
