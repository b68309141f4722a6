package fanout;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs fanload against a server, one run at a time. */
record Load(double warmupSeconds, double seconds) {
    private static final int CONNECT_SECONDS = 60;

    Result run(Peer peer, Server server, Workload workload) throws IOException, InterruptedException {
        long heapBefore = workload.idle() ? server.liveHeapBytes() : 0;
        Process process = start(peer, server, workload);
        Thread hook = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(hook);
        Watchdog watchdog = new Watchdog(process, CONNECT_SECONDS + warmupSeconds + seconds + 30);
        watchdog.start();
        StringBuilder output = new StringBuilder();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
            for (String line; (line = reader.readLine()) != null; ) {
                output.append(line).append('\n');
                if (heapBefore > 0 && line.startsWith("connected=")) {
                    double perClient = (server.liveHeapBytes() - heapBefore)
                            / 1e3
                            / Result.of(line).get("connected");
                    output.append("heap_kB_per_client=").append(perClient).append('\n');
                }
            }
        }
        int status = process.waitFor();
        watchdog.interrupt();
        Runtime.getRuntime().removeShutdownHook(hook);
        if (status != 0 && status != 4) { // 4: it measured, but deliveries were malformed or out of order
            boolean refused = output.indexOf("handshake refused") >= 0;
            return Result.failed(
                    refused
                            ? "handshake refused"
                            : status == 128 + 9
                                    ? "timeout"
                                    : !server.isAlive()
                                            ? "the server died"
                                            : output.toString().strip().replaceAll("(?s).*fanload: |\\|", ""));
        }
        return Result.of(output.toString());
    }

    private Process start(Peer peer, Server server, Workload workload) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Peer.OUT.resolve("fanload").toString(),
                "-p",
                "" + server.port(),
                "-P",
                "" + server.pid(),
                "-u",
                workload.rooms() ? peer.room() : peer.everybody(),
                "-W",
                "" + warmupSeconds,
                "-d",
                "" + seconds));
        command.addAll(List.of(workload.options().split(" ")));
        command.addAll(peer.protocol().options());
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Ends a load generator that hangs. */
    private static final class Watchdog extends Thread {
        private final Process process;
        private final double seconds;

        Watchdog(Process process, double seconds) {
            this.process = process;
            this.seconds = seconds;
            setDaemon(true);
        }

        @Override
        public void run() {
            try {
                if (!process.waitFor((long) (seconds * 1e3), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                // it has ended in time
            }
        }
    }
}
