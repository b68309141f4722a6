package dev.tutti.yjs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.ForkDirectory;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Real Yjs in a Node process, behind the pipe that {@code oracle.mjs} describes. Confined to one thread. */
final class YjsProcess implements AutoCloseable {
    private static final Path SOURCES = Path.of("src/test/javascript/yjs");
    private static final Path HOME = ForkDirectory.named("yjs-oracle");

    /** The result of one history: the error if there is one, and the bytes of the document here and in Yjs. */
    record Verdict(String faults, int size, int yjsSize) {}

    /** A history in the order in which a server receives it. */
    record History(int cut, List<byte[]> frames, List<byte[]> stateVectors) {}

    private final Process process;
    private final DataInputStream in;
    private final DataOutputStream out;

    private YjsProcess(Process process) {
        this.process = process;
        this.in = new DataInputStream(process.getInputStream());
        this.out = new DataOutputStream(process.getOutputStream());
    }

    /** Returns the reason why this machine cannot run Yjs; empty if it can. */
    static String missing() {
        for (String tool : List.of("node", "npm")) {
            try {
                run(Path.of("."), tool, "--version");
            } catch (IOException e) {
                return tool + " is not there: " + e.getMessage();
            }
        }
        return "";
    }

    /** Installs Yjs under {@code target}, so that the source tree stays as it is, and starts it. */
    static YjsProcess start() throws IOException {
        Files.createDirectories(HOME);
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, HOME.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Path installed = HOME.resolve("installed.json");
        Path lock = HOME.resolve("package-lock.json");
        if (!Files.exists(installed) || Files.mismatch(installed, lock) >= 0) {
            run(HOME, "npm", "ci", "--prefer-offline", "--no-audit", "--no-fund");
            Files.copy(lock, installed, StandardCopyOption.REPLACE_EXISTING);
        }
        return new YjsProcess(new ProcessBuilder("node", "oracle.mjs")
                .directory(HOME.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    private static void run(Path directory, String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    History history(int seed, int steps) {
        byte[] request =
                ByteBuffer.allocate(9).put((byte) 0).putInt(seed).putInt(steps).array();
        List<byte[]> answer = split(ask(request));
        return new History(ByteBuffer.wrap(answer.get(0)).getInt(), split(answer.get(1)), split(answer.get(2)));
    }

    /**
     * Has the last history judged.
     *
     * @param encodings a difference to nothing and the whole state after the cut, the whole state and state vector after all, and
     *     the merge of all frames
     * @param passedOn the results of applying the frames
     * @param diffs the differences from the history's state vectors
     */
    Verdict judge(List<byte[]> encodings, List<byte[]> passedOn, List<byte[]> diffs) {
        List<byte[]> answers = new ArrayList<>(encodings);
        answers.add(join(passedOn));
        answers.add(join(diffs));
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write(1);
        request.writeBytes(join(answers));
        ByteBuffer answer = ByteBuffer.wrap(ask(request.toByteArray()));
        int size = answer.getInt();
        int yjsSize = answer.getInt();
        return new Verdict(UTF_8.decode(answer).toString(), size, yjsSize);
    }

    private byte[] ask(byte[] request) {
        try {
            out.writeInt(request.length);
            out.write(request);
            out.flush();
            return in.readNBytes(in.readInt());
        } catch (IOException e) {
            throw new UncheckedIOException("the Yjs process has ended; its last output is above", e);
        }
    }

    private static byte[] join(List<byte[]> items) {
        ByteBuffer list = ByteBuffer.allocate(Integer.BYTES
                + items.stream().mapToInt(item -> Integer.BYTES + item.length).sum());
        list.putInt(items.size());
        items.forEach(item -> list.putInt(item.length).put(item));
        return list.array();
    }

    private static List<byte[]> split(byte[] list) {
        ByteBuffer in = ByteBuffer.wrap(list);
        List<byte[]> items = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            byte[] item = new byte[in.getInt()];
            in.get(item);
            items.add(item);
        }
        return items;
    }

    @Override
    public void close() throws IOException {
        out.close(); // the process ends with its input
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
