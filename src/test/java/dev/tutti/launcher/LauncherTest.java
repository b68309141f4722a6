package dev.tutti.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LauncherTest {
    @TempDir
    Path cache;

    @Test
    void existingDirectoryIsKept(@TempDir Path wars) throws IOException {
        Path folder = cache.resolve("checksum");
        unpack(war(wars, "first"), folder);
        unpack(war(wars, "second"), folder);
        assertThat(folder.resolve("a.jar")).hasContent("first");
        try (Stream<Path> left = Files.list(cache)) {
            assertThat(left).containsExactly(folder);
        }
    }

    private static void unpack(Path war, Path folder) throws IOException {
        try (JarFile file = new JarFile(war.toFile())) {
            Launcher.unpack(file, List.of(file.getEntry("WEB-INF/lib/a.jar")), folder);
        }
    }

    private static Path war(Path folder, String content) throws IOException {
        Path war = folder.resolve(content + ".war");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(war))) {
            out.putNextEntry(new JarEntry("WEB-INF/lib/a.jar"));
            out.write(content.getBytes(UTF_8));
        }
        return war;
    }
}
