package api;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Publishes over HTTP in a closed loop: each caller has a connection and a room of its own, and sends its next request when the answer to the last
 * has come. Prints a row of a table for each number of callers.
 *
 * <pre>java api.ApiLoad PORT SECONDS CALLERS...</pre>
 */
public final class ApiLoad {
    private static final String BODY = "{\"data\":{\"order\":42,\"text\":\"0123456789012345678901234567890123456789\"}}";

    private final int port;
    private final AtomicInteger connects = new AtomicInteger();

    private ApiLoad(int port) {
        this.port = port;
    }

    public static void main(String[] args) throws InterruptedException, ExecutionException {
        ApiLoad load = new ApiLoad(Integer.parseInt(args[0]));
        int seconds = Integer.parseInt(args[1]);
        for (String callers : Arrays.asList(args).subList(2, args.length)) {
            load.run(Integer.parseInt(callers), seconds); // warms both sides up
            load.connects.set(0);
            long[] nanos = load.run(Integer.parseInt(callers), seconds);
            Arrays.sort(nanos);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %d | %.2f | %.2f | %.1f | %d |%n",
                    callers,
                    nanos.length / seconds,
                    millis(nanos, 0.5),
                    millis(nanos, 0.99),
                    millis(nanos, 1),
                    load.connects.get());
        }
    }

    private static double millis(long[] sorted, double quantile) {
        return sorted[(int) Math.min(sorted.length - 1, (long) (sorted.length * quantile))] / 1e6;
    }

    /** Returns the time of each request in nanoseconds. */
    private long[] run(int callers, int seconds) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            long end = System.nanoTime() + seconds * 1_000_000_000L;
            List<Callable<List<Long>>> all = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                String room = "load-" + i;
                all.add(() -> publish(room, end));
            }
            List<Long> nanos = new ArrayList<>();
            for (Future<List<Long>> caller : threads.invokeAll(all)) {
                nanos.addAll(caller.get());
            }
            return nanos.stream().mapToLong(Long::longValue).toArray();
        } finally {
            threads.shutdown();
        }
    }

    private List<Long> publish(String room, long end) throws IOException {
        byte[] request = ("POST /api/rooms/" + room + "/publications HTTP/1.1\r\nHost: localhost\r\n"
                        + "Content-Type: application/json\r\nContent-Length: " + BODY.length() + "\r\n\r\n" + BODY)
                .getBytes(US_ASCII);
        List<Long> nanos = new ArrayList<>();
        while (System.nanoTime() < end) {
            connects.incrementAndGet();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setTcpNoDelay(true);
                InputStream in = new BufferedInputStream(socket.getInputStream());
                boolean isKept = true;
                while (isKept && System.nanoTime() < end) {
                    long began = System.nanoTime();
                    socket.getOutputStream().write(request);
                    isKept = readAnswer(in);
                    nanos.add(System.nanoTime() - began);
                }
            }
        }
        return nanos;
    }

    /** Returns whether the server keeps the connection. */
    private static boolean readAnswer(InputStream in) throws IOException {
        String status = line(in);
        if (!status.contains(" 200")) {
            throw new IOException(status);
        }
        int length = 0;
        boolean isKept = true;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            String lower = header.toLowerCase(Locale.ROOT);
            isKept &= !lower.equals("connection: close");
            length = lower.startsWith("content-length:")
                    ? Integer.parseInt(header.substring(15).strip())
                    : length;
        }
        if (in.readNBytes(length).length < length) {
            throw new EOFException();
        }
        return isKept;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException();
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
