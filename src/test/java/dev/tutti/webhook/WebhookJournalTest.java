package dev.tutti.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebhookJournalTest {
    @TempDir
    private Path directory;

    private Path file;
    private WebhookJournal journal;
    private final WebhookQueue queue = new WebhookQueue(Long.MAX_VALUE, () -> 0, message -> {}, 0);

    @BeforeEach
    void open() throws IOException {
        file = directory.resolve("webhooks.queue");
        journal = WebhookJournal.open(directory, new ArrayList<>());
    }

    private static WebhookMessage message(long sequence) {
        return new WebhookMessage(
                sequence, "id" + sequence, "room:päng", 1_000 + sequence, ("body " + sequence).getBytes(UTF_8));
    }

    private WebhookMessage add(long sequence) {
        WebhookMessage message = message(sequence);
        queue.add(message);
        journal.add(message);
        journal.write(queue, 0);
        return message;
    }

    private void deliver(WebhookMessage message) {
        queue.next(0, 0);
        queue.delivered(message);
        journal.settle(message);
        journal.write(queue, 0);
    }

    private List<Long> reopened() throws IOException {
        List<WebhookMessage> waiting = new ArrayList<>();
        WebhookJournal.open(directory, waiting).close(0);
        assertThat(waiting)
                .allSatisfy(message ->
                        assertThat(message).usingRecursiveComparison().isEqualTo(message(message.sequence())));
        return waiting.stream().map(WebhookMessage::sequence).toList();
    }

    @Test
    void waitingMessagesSurvive() throws IOException {
        WebhookMessage first = add(1);
        add(2);
        deliver(first);
        add(3);
        journal.close(0);

        assertThat(reopened()).containsExactly(2L, 3L);
        assertThat(reopened()).containsExactly(2L, 3L);
    }

    @Test
    void secondServerCannotOpenTheQueueOfAnother() throws IOException {
        add(1);

        assertThatThrownBy(() -> WebhookJournal.open(directory, new ArrayList<>()))
                .isInstanceOf(IOException.class)
                .hasMessage("another server uses it");

        journal.close(0);
        assertThat(reopened()).containsExactly(1L);
    }

    /** A killed process leaves a file that ends anywhere. */
    @Test
    void unfinishedEndIsCutOff() throws IOException {
        for (long i = 1; i <= 3; i++) {
            add(i);
        }
        journal.close(0);
        byte[] whole = Files.readAllBytes(file);
        int record = (whole.length - Long.BYTES) / 3;
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            int sound = Math.max(0, length - Long.BYTES) / record;
            assertThat(reopened()).as("of " + length + " bytes").hasSize(sound);
            assertThat(Files.size(file)).isEqualTo(Long.BYTES + (long) sound * record);
        }
    }

    @Test
    void messagesBeforeDamageSurvive() throws IOException {
        for (long i = 1; i <= 3; i++) {
            add(i);
        }
        journal.close(0);
        byte[] bytes = Files.readAllBytes(file);
        for (int i = Long.BYTES; i < bytes.length; i++) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= 0x20;
            Files.write(file, damaged);
            int intact = (i - Long.BYTES) / ((bytes.length - Long.BYTES) / 3);
            assertThat(reopened()).as("byte " + i).hasSize(intact);
        }
    }

    @Test
    void appendingContinuesAfterAnUnfinishedEnd() throws IOException {
        add(1);
        journal.close(0);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length + 5));
        journal = WebhookJournal.open(directory, new ArrayList<>());
        add(2);
        journal.close(0);

        assertThat(reopened()).containsExactly(1L, 2L);
    }

    @Test
    void fileWithAnotherContentBeginsAnew() throws IOException {
        journal.close(0);
        Files.writeString(file, "something else, and longer than a number");

        assertThat(reopened()).isEmpty();
        assertThat(Files.size(file)).isEqualTo(Long.BYTES);
    }

    @Test
    void fileStaysInProportionToTheQueue() throws IOException {
        add(1);
        for (long i = 2; i < 30_000; i++) {
            WebhookMessage message = new WebhookMessage(i, "id", "room:other", i, new byte[200]);
            queue.add(message);
            journal.add(message);
            queue.next(0, 0);
            queue.next(0, 0);
            queue.delivered(message);
            journal.settle(message);
            journal.write(queue, 0);
        }
        journal.close(0);

        assertThat(Files.size(file)).isLessThan(1_100_000);
        assertThat(reopened()).containsExactly(1L);
    }

    @Test
    void failedWriteIsMadeUpForLater() throws IOException {
        add(1);
        journal.close(0); // each write fails from now on
        add(2);
        add(3);
        assertThat(reopened()).containsExactly(1L);

        journal.write(queue, 20_000_000_000L);
        add(4);
        journal.close(0);
        assertThat(reopened()).containsExactly(1L, 2L, 3L, 4L);
    }
}
