package dev.tutti.hub;

import dev.tutti.security.Access;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lincheck runs the operations of each class below in interleavings of several threads, and validates the state after each. */
@Tag("interleavings")
class InterleavingsIT {
    private static final int THREADS = 4;

    private static final int SCENARIOS = Integer.getInteger("tutti.interleavings.scenarios", 3);
    private static final int EACH = Integer.getInteger("tutti.interleavings.each", 60);

    /** Checks interleavings that Lincheck chooses, at each access to shared memory. */
    private static void checkModel(Class<?> operations) {
        new ModelCheckingOptions()
                .iterations(SCENARIOS)
                .invocationsPerIteration(EACH)
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(0)
                .actorsAfter(0)
                .check(operations);
    }

    /** Checks interleavings of real threads: for classes with maps of clients by identity, which Lincheck's model replaces. */
    private static void checkStress(Class<?> operations) {
        new StressOptions()
                .iterations(SCENARIOS)
                .invocationsPerIteration(EACH)
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(0)
                .actorsAfter(0)
                .check(operations);
    }

    private static void require(boolean condition, String failure) {
        if (!condition) {
            throw new IllegalStateException(failure);
        }
    }

    /** An executor whose tasks the operations run. */
    private static final class Tasks {
        private final Queue<Runnable> queue = new ArrayDeque<>();

        synchronized void add(Runnable task) {
            queue.add(task);
        }

        boolean runOne() {
            Runnable task;
            synchronized (this) {
                task = queue.poll();
            }
            if (task != null) {
                task.run();
            }
            return task != null;
        }
    }

    @Test
    void mailboxHandlesEachEventOnceInOrder() {
        checkModel(MailboxOperations.class);
    }

    /** Events have numbers by thread. */
    public static class MailboxOperations implements Mailbox.Owner<int[]> {
        private final Budget budget = new Budget(1_000);
        private final Tasks tasks = new Tasks();
        private final Mailbox<int[]> mailbox = new Mailbox<>("a test", this, tasks::add, new FakeTime(), budget, 0);
        private final int[] offered = new int[THREADS];
        private final int[] handled = new int[THREADS];
        private boolean running;

        @Operation
        public void offer(@Param(gen = ThreadIdGen.class) int thread) {
            if (mailbox.offer(new int[] {thread % THREADS, ++offered[thread % THREADS]}) == Mailbox.Offer.WAKE) {
                mailbox.schedule();
            }
        }

        @Operation
        public void run() {
            tasks.runOne();
        }

        @Override
        public int bytesOf(int[] event) {
            return 1;
        }

        @Override
        public void handle(int[] event) {
            require(!running, "two runs at once");
            running = true;
            require(event[1] == ++handled[event[0]], "out of order");
            running = false;
        }

        @Validate
        public void everythingIsHandled() {
            while (tasks.runOne()) {}
            for (int i = 0; i < THREADS; i++) {
                require(offered[i] == handled[i], "an event was lost");
            }
            require(budget.usedBytes(Budget.Share.INPUT) == 0, "bytes are still reserved");
        }
    }

    @Test
    void outboxSendsEachBatchOnceOneAtATime() {
        checkModel(OutboxOperations.class);
    }

    /** Frames have numbers by thread; another operation completes sends. */
    public static class OutboxOperations implements Outbox.Owner, Transport {
        private final Budget budget = new Budget(1 << 20);
        private final Outbox outbox = new Outbox(this, 1_000, budget, this);
        private final int[] offered = new int[THREADS];
        private final int[] sent = new int[THREADS];
        private @Nullable Completion inFlight;
        private boolean closed;

        @Operation
        public void offer(@Param(gen = ThreadIdGen.class) int thread) {
            String text = thread % THREADS + " " + ++offered[thread % THREADS];
            outbox.offer(Batch.of(List.of(Frame.text(text))));
        }

        @Operation
        public void complete() {
            Completion done;
            synchronized (this) {
                done = inFlight;
                inFlight = null;
            }
            if (done != null) {
                done.done(null);
            }
        }

        @Operation
        public void close() {
            outbox.close(CloseCode.NORMAL, "");
        }

        @Override
        public synchronized int send(Batch batch, int from, Completion done) {
            require(inFlight == null, "two sends at once");
            require(!closed, "a send after the close");
            String[] words = batch.frame(from).text().split(" ", -1);
            require(Integer.parseInt(words[1]) == ++sent[Integer.parseInt(words[0])], "out of order");
            inFlight = done;
            return from + 1;
        }

        @Override
        public void ping(Runnable handedOver) {
            handedOver.run();
        }

        @Override
        public synchronized void close(CloseCode code, String reason) {
            require(!closed, "closed twice");
            closed = true;
        }

        @Override
        public void limitBreached(LimitBreach breach) {
            throw new IllegalStateException("no limit was reached");
        }

        @Override
        public void sendFailed(Throwable failure) {
            throw new IllegalStateException(failure);
        }

        @Validate
        public void everythingIsSent() {
            for (boolean more = true; more; ) {
                synchronized (this) {
                    more = inFlight != null;
                }
                complete();
            }
            for (int i = 0; i < THREADS; i++) {
                require(sent[i] <= offered[i] && (closed || sent[i] == offered[i]), "a batch was lost");
            }
            require(budget.usedBytes(Budget.Share.OUTPUT) == 0, "batches are still held");
            require(outbox.heldBytes() == 0, "held bytes are left");
        }
    }

    @Test
    void clientLeavesNothingBehind() {
        checkStress(ClientOperations.class);
    }

    /** One client joins, publishes, leaves and ends while the hub runs. */
    public static class ClientOperations {
        private final Tasks tasks = new Tasks();
        private final Hub hub = new Hub(
                TestLimits.with(Map.of("history", "*=0", "max-messages-per-second", 0)),
                "h",
                tasks::add,
                2,
                new FakeTime());
        private final Client client = hub.connect(
                new FakeTransport(FakeTransport.Mode.INSIDE, Integer.MAX_VALUE),
                TestProtocol.PUBLICATIONS,
                "",
                Access.unrestricted(""));

        @Operation
        public void join() {
            TestClients.join(client, "a");
        }

        @Operation
        public void leave() {
            client.memberships().leave("a", () -> Frame.text("left"));
        }

        @Operation
        public void publish() {
            TestClients.publish(client, "a", "\"x\"");
        }

        @Operation
        public void disconnect() {
            client.disconnected();
        }

        @Operation
        public void run() {
            tasks.runOne();
        }

        @Validate
        public void nothingIsLeft() {
            client.disconnected();
            while (tasks.runOne()) {}
            hub.tick();
            require(hub.clientCount() == 0, "the client is still counted");
            require(hub.budget().usedBytes(Budget.Share.INPUT) == 0, "input is still reserved");
            require(hub.budget().usedBytes(Budget.Share.OUTPUT) == 0, "output is still reserved");
            TestClients.join(client, "a");
            require(hub.members("a").isEmpty(), "an ended client is a member");
        }
    }

    @Test
    void roomWithTwoShardsKeepsOneOrder() {
        checkStress(RoomOperations.class);
    }

    /** Two publishers, each in a shard of its own, and a member that leaves and joins again. */
    public static class RoomOperations {
        private final Tasks tasks = new Tasks();
        private final Hub hub =
                new Hub(TestLimits.with(Map.of("max-messages-per-second", 0)), "h", tasks::add, 2, new FakeTime());
        private final List<FakeTransport> transports = new ArrayList<>();
        private final List<Client> publishers = new ArrayList<>();
        private final FakeTransport moving = new FakeTransport(FakeTransport.Mode.INSIDE, Integer.MAX_VALUE);
        private final Client mover = hub.connect(moving, TestProtocol.ALL_EVENTS, "", Access.unrestricted(""));
        private final AtomicIntegerArray published = new AtomicIntegerArray(2);

        /** Fills the room until it has two shards. */
        public RoomOperations() {
            TestClients.join(mover, "a");
            for (int i = 0; i <= Shards.FIRST_SHARD_CLIENTS; i++) {
                FakeTransport transport = new FakeTransport(FakeTransport.Mode.INSIDE, Integer.MAX_VALUE);
                Client client = hub.connect(transport, TestProtocol.PUBLICATIONS, "", Access.unrestricted(""));
                TestClients.join(client, "a");
                if (i == 0 || i == Shards.FIRST_SHARD_CLIENTS) {
                    transports.add(transport);
                    publishers.add(client);
                }
            }
            while (tasks.runOne()) {}
        }

        @Operation
        public void publish(@Param(gen = ThreadIdGen.class) int thread) {
            int publisher = thread % 2;
            String data = "\"" + publisher + ' ' + published.incrementAndGet(publisher) + '"';
            TestClients.publish(publishers.get(publisher), "a", data);
        }

        @Operation(nonParallelGroup = "mover")
        public void rejoin() {
            mover.memberships().leave("a", () -> Frame.text("left"));
            mover.memberships()
                    .join(
                            "a",
                            null,
                            null,
                            joined -> Frame.text("joined " + joined.position().offset()));
        }

        @Operation
        public void run() {
            tasks.runOne();
        }

        @Validate
        public void allSeeOneOrder() {
            while (tasks.runOne()) {}
            require(transports.get(0).sent().equals(transports.get(1).sent()), "the shards differ");
            require(transports.get(0).sentCount() == published.get(0) + published.get(1), "a message was lost");
            long last = 0;
            boolean isMember = true;
            for (String frame : moving.sent()) {
                if (frame.equals("left")) {
                    require(isMember, "left twice");
                    isMember = false;
                } else if (frame.startsWith("joined ")) {
                    require(!isMember, "joined twice");
                    isMember = true;
                    last = Long.parseLong(frame.substring("joined ".length()));
                } else if (Character.isDigit(frame.charAt(0))) {
                    require(isMember, "received after the leave");
                    require(Long.parseLong(frame.substring(0, frame.indexOf(' '))) == ++last, "a gap");
                }
            }
        }
    }
}
