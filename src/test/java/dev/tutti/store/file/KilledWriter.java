package dev.tutti.store.file;

import dev.tutti.store.DocumentStoreContract;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A process that writes several documents until it is killed, and prints {@code name number} once a number of a document is stored. An update
 * repeats a number; a state has all numbers so far, and every second state is large enough for pieces.
 */
final class KilledWriter {
    private static final int NUMBER_BYTES = Integer.BYTES;

    private KilledWriter() {}

    /** Writes; the arguments are the directory, the number of the first document, and the number of documents. */
    public static void main(String[] args) throws Exception {
        FileStore store = new FileStore(Path.of(args[0]));
        int first = Integer.parseInt(args[1]);
        List<Thread> threads = new ArrayList<>();
        for (int i = first; i < first + Integer.parseInt(args[2]); i++) {
            String name = "doc-" + i;
            Thread thread = new Thread(() -> write(store, name, System.out));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void write(FileStore store, String name, PrintStream out) {
        Random random = new Random(name.hashCode());
        for (int number = 0; ; number++) {
            if (number % 40 == 39) {
                int zeros = number % 80 == 79 ? 5 * Pieces.PIECE_BYTES / 2 : 0;
                ByteBuffer state = ByteBuffer.allocate(NUMBER_BYTES * (number + 1) + zeros);
                for (int i = 0; i <= number; i++) {
                    state.putInt(i);
                }
                DocumentStoreContract.await(DocumentStoreContract.replaceAll(store, name, state.array()));
            } else {
                byte[] update = new byte[NUMBER_BYTES * (1 + random.nextInt(200))];
                ByteBuffer numbers = ByteBuffer.wrap(update);
                while (numbers.hasRemaining()) {
                    numbers.putInt(number);
                }
                store.append(name, update).toCompletableFuture().join();
            }
            String line = name + " " + number + "\n";
            synchronized (out) {
                out.append(line);
                if (out.checkError()) {
                    System.exit(1); // the test has ended
                }
            }
        }
    }

    /** Returns the numbers in updates and states. */
    static List<Integer> numbers(List<byte[]> updates) {
        List<Integer> numbers = new ArrayList<>();
        for (byte[] update : updates) {
            ByteBuffer all = ByteBuffer.wrap(update);
            while (all.hasRemaining()) {
                numbers.add(all.getInt());
            }
        }
        return numbers.stream().distinct().sorted().toList();
    }
}
