package fanout;

import java.util.List;

/**
 * One run of the load generator. Immutable.
 *
 * @param options fanload's options without the address; times only where they differ from the default
 * @param alone whether it is only for standalone servers, not for applications in a container
 * @param quick whether the quick mode includes it
 * @param rooms whether each client is in one of many rooms; else all are in one
 * @param fresh whether it needs a fresh process, because its effects last
 */
record Workload(String name, String says, String options, boolean alone, boolean quick, boolean rooms, boolean fresh) {
    static final Workload SATURATE = new Workload(
            "saturate",
            "1,000 clients, 20 senders, closed loop",
            "-n 1000 -s 20 -w 4",
            false,
            true,
            false,
            false);

    private static final Workload IDLE =
            new Workload("idle", "10,000 idle clients", "-n 10000 -s 0 -d 4", true, false, false, true);

    /** The compiler of a JVM works most in its first minute. */
    private static final Workload FIRST_MINUTE = new Workload(
            "first-minute",
            "The first minute of a process: 300 clients, 100 messages a second",
            "-n 300 -s 10 -r 100 -W 0 -d 60",
            true,
            false,
            false,
            true);

    /**
     * In the order of execution. Workloads with stalled clients run until they have sent more than the kernel buffers for a
     * connection, about 4 MB, plus the server's own limit.
     */
    static final List<Workload> ALL = List.of(
            SATURATE,
            new Workload(
                    "one-sender",
                    "1,000 clients, one sender, closed loop",
                    "-n 1000 -s 1 -w 4",
                    true,
                    true,
                    false,
                    false),
            new Workload(
                    "steady",
                    "300 clients, 100 messages a second, after 30 seconds of it",
                    "-n 300 -s 10 -r 100 -W 30", // at this rate the compiler of a JVM needs so long
                    false,
                    true,
                    false,
                    false),
            new Workload(
                    "rooms",
                    "1,000 clients in 100 rooms, 300 senders, closed loop",
                    "-n 1000 -s 300 -g 100 -w 4",
                    true,
                    true,
                    true,
                    false),
            new Workload(
                    "stalled-1",
                    "50 clients, one of them never reads; 100 messages of 16 kB a second",
                    "-n 50 -s 5 -r 100 -b 16000 -k 1 -W 3 -d 4",
                    false,
                    true,
                    false,
                    true),
            new Workload(
                    "stalled-200",
                    "1,000 clients, 200 of them never read; 200 messages of 2 kB a second",
                    "-n 1000 -s 20 -r 200 -b 2000 -k 200 -W 8 -d 6",
                    false,
                    false,
                    false,
                    true),
            FIRST_MINUTE,
            IDLE);

    /** A series: the first server under one workload as one number grows. */
    record Scaling(String name, String says, List<Workload> points) {}

    static final List<Scaling> SCALING = List.of(
            new Scaling(
                    "clients",
                    "clients, 10 senders, closed loop",
                    List.of(
                            point("10", "-n 10 -s 10 -w 4"),
                            point("100", "-n 100 -s 10 -w 4"),
                            point("1,000", "-n 1000 -s 10 -w 4"),
                            point("5,000", "-n 5000 -s 10 -w 4"),
                            point("10,000", "-n 10000 -s 10 -w 4"))),
            new Scaling(
                    "senders",
                    "senders among 1,000 clients, closed loop",
                    List.of(
                            point("1", "-n 1000 -s 1 -w 4"),
                            point("10", "-n 1000 -s 10 -w 4"),
                            point("100", "-n 1000 -s 100 -w 4"),
                            point("500", "-n 1000 -s 500 -w 4"))),
            new Scaling(
                    "bytes",
                    "bytes a message, 100 clients, 5 senders, closed loop",
                    List.of(
                            point("32", "-n 100 -s 5 -w 2 -b 32"),
                            point("256", "-n 100 -s 5 -w 2 -b 256"),
                            point("2,048", "-n 100 -s 5 -w 2 -b 2048"),
                            point("16,384", "-n 100 -s 5 -w 2 -b 16384"),
                            point("65,536", "-n 100 -s 5 -w 2 -b 65536"))),
            new Scaling(
                    "rooms",
                    "rooms, 10,000 clients, 1,000 senders, closed loop",
                    List.of(
                            rooms("1", "-n 10000 -s 1000 -w 1 -g 1"),
                            rooms("10", "-n 10000 -s 1000 -w 1 -g 10"),
                            rooms("100", "-n 10000 -s 1000 -w 1 -g 100"),
                            rooms("1,000", "-n 10000 -s 1000 -w 1 -g 1000"),
                            rooms("10,000", "-n 10000 -s 1000 -w 1 -g 10000"))));

    boolean idle() {
        return this == IDLE;
    }

    /** Whether a warm-up would change the figures; without one, the cold compiler is the bottleneck of the others. */
    boolean isCold() {
        return idle() || this == FIRST_MINUTE;
    }

    /** Whether messages come at a fixed rate, even if the server does not keep up. */
    boolean openLoop() {
        return options.contains("-r ");
    }

    boolean stalls() {
        return options.contains("-k ");
    }

    private static Workload point(String name, String options) {
        return new Workload(name, "", options, true, false, false, false);
    }

    private static Workload rooms(String name, String options) {
        return new Workload(name, "", options, true, false, true, false);
    }
}
