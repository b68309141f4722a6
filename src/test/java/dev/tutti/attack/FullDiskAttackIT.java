package dev.tutti.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tutti.WarProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** An attack on a server whose documents are on a full disk. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere there are no mounts of a process's own")
@Timeout(180)
@Tag("alone")
class FullDiskAttackIT {
    private static final List<String> OWN_MOUNTS =
            List.of("unshare", "--user", "--map-root-user", "--mount", "sh", "-c");
    private static final String MOUNT = "mount -t tmpfs -o size=64m tmpfs \"$0\"";
    private static final int REPEATS = 164;

    @TempDir
    Path cache;

    @TempDir
    Path documents;

    @Test
    void repeatedUpdatesAreNotRetained() throws Exception {
        assumeThat(runs(MOUNT))
                .as("mounting a file system is not permitted here")
                .isTrue();
        List<String> wrapper = new ArrayList<>(OWN_MOUNTS);
        wrapper.addAll(List.of(MOUNT + " && exec \"$@\"", documents.toString()));
        try (WarProcess server = WarProcess.startIn(
                wrapper,
                List.of("-Xmx" + AttackSuite.HEAP),
                cache,
                Map.of("TUTTI_DATA", documents.toString()),
                "--host=127.0.0.1",
                "--port=0",
                "--max-bytes-per-second=0")) { // 492 MB would take half a minute
            Target target = new Target(server.awaitPort(), "", server.pid());
            Path filler = server.inMountNamespace(documents).resolve("filler");
            try (AttackRunner runner = new AttackRunner(target)) {
                AttackTable table = new AttackTable(Path.of("target", "attacks-full-disk.md"), runner.baseline());
                List<AttackReport> reports = runner.run(List.of(Attack.of(
                        "repeats on a full disk",
                        "one client repeats an update of 3 MB 164 times while the disk is full",
                        "open 1013 reset",
                        attackers -> repeat(attackers, filler))));
                table.add(reports);
                assertThat(reports.get(0).problems()).isEmpty();
                assertThat(server.err()).noneMatch(line -> line.contains("OutOfMemoryError"));
            }
        }
    }

    private static void repeat(Attackers attackers, Path filler) throws IOException {
        fill(filler);
        byte[] update = YjsMessages.update(DocumentAttacks.text(1, 0, 3 << 20));
        Attacker one = attackers.open("/yjs/repeated");
        one.waitLong();
        for (int i = 0; i < REPEATS && !one.isBroken(); i++) {
            one.sendBinary(update);
            one.read();
        }
        attackers.read(1_000);
        Files.delete(filler);
    }

    private static void fill(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] some = new byte[1 << 16];
            while (true) {
                out.write(some);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private boolean runs(String command) throws InterruptedException {
        List<String> all = new ArrayList<>(OWN_MOUNTS);
        all.addAll(List.of(command, documents.toString()));
        try {
            return new ProcessBuilder(all).start().waitFor() == 0;
        } catch (IOException e) {
            return false; // the program does not exist
        }
    }
}
