package dev.tutti.cluster;

import dev.tutti.websocket.NodeTests;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Stock editors of Yjs in a process of their own, which write into a few documents: {@code chaos.js}. Confined to a test. */
final class ChaosEditors implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final Writer commands;

    /**
     * The documents after a time of writing.
     *
     * @param edits written since the last result
     * @param faults edits that are missing or there twice, and documents that differ
     */
    record Result(int edits, List<String> faults) {}

    private ChaosEditors(Process process) {
        this.process = process;
        answers = process.inputReader();
        commands = process.outputWriter();
    }

    /** Starts editors, spread over servers on these ports of the loopback address. */
    static ChaosEditors start(int editors, List<Integer> ports) throws IOException, InterruptedException {
        Path programs = NodeTests.installed(Path.of("src", "test", "javascript", "providers"));
        List<String> command = new ArrayList<>(List.of("node", "chaos.js", Integer.toString(editors)));
        ports.forEach(port -> command.add(port.toString()));
        return new ChaosEditors(new ProcessBuilder(command)
                .directory(programs.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Lets all editors write. */
    void write() throws IOException {
        send("write");
    }

    /** Ends the writing, waits until all is confirmed and equal, and returns the result. */
    Result settle() throws IOException {
        return send("settle");
    }

    /** Closes all editors. */
    void leave() throws IOException {
        send("leave");
    }

    /** Opens the documents anew, and returns whether all confirmed edits are there. */
    Result read() throws IOException {
        return send("read");
    }

    private Result send(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
        String line = Objects.requireNonNull(answers.readLine(), "the editors have failed");
        try (JsonReader reader = Json.createReader(new StringReader(line))) {
            JsonObject result = reader.readObject();
            return new Result(
                    result.getInt("edits"), result.getJsonArray("faults").getValuesAs(JsonString::getString));
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        answers.close();
    }
}
