package fanout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Measures the peers one after the other; see src/bench/run. */
public final class Main {
    private static final String BEGIN = "<!-- written by src/bench/run --docs -->";
    /** A figure that other processes disturbed is measured again, so often in all. */
    private static final int ATTEMPTS = 3;

    private static final String END = "<!-- end of what src/bench/run writes -->";

    private final List<Peer> peers;
    private final List<Workload> workloads;
    private final Load load;
    private final Report report;

    private Main(List<Peer> peers, List<Workload> workloads, Load load, Report report) {
        this.peers = peers;
        this.workloads = workloads;
        this.load = load;
        this.report = report;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(List.of(args));
        if (options.remove("--list")) {
            Peer.ALL.forEach(peer -> System.out.printf("peer      %-16s %s%n", peer.name(), peer.says()));
            Workload.ALL.forEach(
                    workload -> System.out.printf("workload  %-16s %s%n", workload.name(), workload.options()));
            return;
        }
        boolean quick = options.remove("--quick");
        boolean docs = options.remove("--docs");
        boolean scaling = !options.remove("--no-scaling") && !quick;
        Set<String> peerNames = named(
                options,
                "--peers",
                Peer.ALL.stream()
                        .filter(peer -> peer.quick() || !quick)
                        .map(Peer::name)
                        .toList(),
                Peer.ALL.stream().map(Peer::name).toList());
        Set<String> workloadNames = named(
                options,
                "--workloads",
                Workload.ALL.stream()
                        .filter(workload -> workload.quick() || !quick)
                        .map(Workload::name)
                        .toList(),
                Workload.ALL.stream().map(Workload::name).toList());
        int turns = number(options, "--turns");
        int uwebsockets = options.indexOf("--uwebsockets");
        if (uwebsockets >= 0) {
            if (uwebsockets + 1 == options.size()) {
                fail("--uwebsockets needs the path of a program");
            }
            System.setProperty(
                    "uwebsockets", Path.of(options.remove(uwebsockets + 1)).toAbsolutePath().toString());
            options.remove(uwebsockets);
        }
        if (!options.isEmpty()) {
            fail("unknown option " + options.get(0));
        }
        Load load = quick ? new Load(1, 2) : new Load(2, 5);
        Main main = new Main(
                Peer.ALL.stream()
                        .filter(peer -> peerNames.contains(peer.name()))
                        .toList(),
                Workload.ALL.stream()
                        .filter(workload -> workloadNames.contains(workload.name()))
                        .toList(),
                load,
                new Report(load, turns));
        main.run(turns, scaling);
        String text = main.report.markdown();
        Path file = Path.of("target/benchmarks.md");
        Files.writeString(file, text);
        if (docs) {
            writeInto(Path.of("docs/benchmarks.md"), text);
        }
        System.out.println(text);
        System.err.println("bench: written to " + file + (docs ? " and docs/benchmarks.md" : ""));
    }

    private void run(int turns, boolean scaling) throws IOException, InterruptedException {
        for (int turn = 0; turn < turns; turn++) {
            for (Peer peer : peers) {
                measure(peer);
            }
        }
        if (scaling && !peers.isEmpty() && peers.get(0).isReference()) {
            scale(peers.get(0));
        }
    }

    /** Runs all workloads on one process after a warm-up, but each workload with lasting effects on a process of its own. */
    private void measure(Peer peer) throws IOException, InterruptedException {
        List<Workload> fit = workloads.stream()
                .filter(workload -> peer.alone() || !workload.alone())
                .toList();
        List<Workload> shared =
                fit.stream().filter(workload -> !workload.fresh()).toList();
        try {
            if (!shared.isEmpty()) {
                try (Server server = Server.start(peer)) {
                    warmUp(peer, server);
                    for (Workload workload : shared) {
                        measure(peer, server, workload);
                    }
                }
            }
            for (Workload workload : fit) {
                if (workload.fresh()) {
                    measureFresh(peer, workload);
                }
            }
        } catch (Peer.Missing e) {
            System.err.println("bench: " + peer.name() + " is skipped: " + e.getMessage());
            report.skipped(peer, e.getMessage());
        }
    }

    private void warmUp(Peer peer, Server server) throws IOException, InterruptedException {
        new Load(0, load.warmupSeconds() * 5).run(peer, server, Workload.SATURATE);
    }

    private void measure(Peer peer, Server server, Workload workload) throws IOException, InterruptedException {
        Result result = run(peer, server, workload);
        for (int attempt = 1; result.noisy() && attempt < ATTEMPTS; attempt++) {
            result = run(peer, server, workload);
        }
        report.add(peer, workload, result);
    }

    private void measureFresh(Peer peer, Workload workload) throws IOException, InterruptedException, Peer.Missing {
        Result result = runFresh(peer, workload);
        for (int attempt = 1; result.noisy() && attempt < ATTEMPTS; attempt++) {
            result = runFresh(peer, workload);
        }
        report.add(peer, workload, result);
    }

    private Result runFresh(Peer peer, Workload workload) throws IOException, InterruptedException, Peer.Missing {
        try (Server server = Server.start(peer)) {
            if (!workload.isCold()) {
                warmUp(peer, server);
            }
            return run(peer, server, workload);
        }
    }

    private Result run(Peer peer, Server server, Workload workload) throws IOException, InterruptedException {
        Result result = load.run(peer, server, workload);
        System.err.println("bench: " + peer.name() + " " + workload.name() + ": " + Report.brief(workload, result));
        return result;
    }

    private void scale(Peer ours) throws IOException, InterruptedException {
        Load shorter = new Load(load.warmupSeconds(), load.seconds() * 0.6);
        for (Workload.Scaling series : Workload.SCALING) {
            try (Server server = Server.start(ours)) {
                warmUp(ours, server);
                for (Workload point : series.points()) {
                    Result result = shorter.run(ours, server, point);
                    System.err.println("bench: scaling " + series.name() + " " + point.name() + ": "
                            + Report.brief(point, result));
                    report.add(series, point, result);
                }
            } catch (Peer.Missing e) {
                report.skipped(ours, e.getMessage());
            }
        }
    }

    private static Set<String> named(List<String> options, String option, List<String> chosen, List<String> known) {
        int at = options.indexOf(option);
        if (at < 0) {
            return Set.copyOf(chosen);
        }
        if (at + 1 == options.size()) {
            fail(option + " needs names separated by commas");
        }
        Set<String> names = Set.of(options.remove(at + 1).split(","));
        options.remove(at);
        for (String name : names) {
            if (!known.contains(name)) {
                fail(option + ": unknown " + name + "; known: " + String.join(", ", known));
            }
        }
        return names;
    }

    /** Removes an option with a number; 1 if it is absent. */
    private static int number(List<String> options, String option) {
        int at = options.indexOf(option);
        if (at < 0) {
            return 1;
        }
        if (at + 1 == options.size() || !options.get(at + 1).matches("[1-9]\\d?")) {
            fail(option + " needs a number from 1 to 99");
        }
        options.remove(at);
        return Integer.parseInt(options.remove(at));
    }

    private static void writeInto(Path file, String text) throws IOException {
        String document = Files.readString(file);
        int begin = document.indexOf(BEGIN);
        int end = document.indexOf(END);
        if (begin < 0 || end < begin) {
            fail(file + " lacks the marks " + BEGIN + " and " + END);
        }
        Files.writeString(file, document.substring(0, begin) + BEGIN + "\n\n" + text + "\n" + document.substring(end));
    }

    private static void fail(String why) {
        System.err.println("bench: " + why);
        System.exit(2);
    }
}
