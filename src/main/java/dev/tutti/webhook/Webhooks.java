package dev.tutti.webhook;

import dev.tutti.event.Event;
import dev.tutti.event.EventSink;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Mailbox;
import dev.tutti.hub.TimeSource;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends events to the receiver of the settings, each at least once, those of one client, room or document in their order. Safe for any thread.
 *
 * <p>A mailbox takes the events. Its {@link WebhookRun run} makes a message of each, keeps it in the queue and its journal, and hands messages that
 * may be sent to threads that block. The result of each attempt comes back as an event of the mailbox, so the run alone owns queue and journal.
 *
 * <p>A message is one request. Its receiver can then route it by its type, and answer for it alone: a batch with one bad event would be sent again
 * with all its good ones. Requests use open connections again, a few at a time.
 */
public final class Webhooks implements EventSink {
    /** Threads that this occupies at most: those that send, and one for the run. */
    public static final int THREADS = WebhookQueue.AT_ONCE + 1;

    private static final Logger LOG = System.getLogger(Webhooks.class.getName());

    /** Bytes of events that may wait for the run, which writes to the disk; more are dropped. */
    private static final int MAX_WAITING_BYTES = 4 << 20;

    private final EventSelection selection;
    private final WebhookSender sender;
    private final Executor threads;
    private final Executor background;
    private final WebhookCounts counts = new WebhookCounts();
    private final WebhookRun run;
    private final Mailbox<WebhookSignal> mailbox;

    private Webhooks(
            WebhookTarget target,
            Hub hub,
            TimeSource time,
            Executor threads,
            Executor background,
            @Nullable WebhookJournal journal,
            List<WebhookMessage> waiting) {
        this.selection = target.events();
        this.sender = new WebhookSender(target, time);
        this.threads = threads;
        this.background = background;
        this.run = new WebhookRun(
                sender.toString(), target.queueBytes(), waiting, journal, counts, time, this::startAttempt);
        this.mailbox = new Mailbox<>("webhooks", run, threads, time, hub.budget(), MAX_WAITING_BYTES);
    }

    /**
     * Opens the queue. Its messages are sent with the first {@link #tick}. The caller adds this to {@link Hub#events}.
     *
     * @param directory that keeps the queue; null if it is to be in memory only, as it also is if the file cannot be used
     * @param threads has at least {@link #THREADS} threads, which may block
     * @param background reads the file of secrets when it changes
     */
    public static Webhooks open(
            WebhookTarget target,
            @Nullable Path directory,
            Hub hub,
            TimeSource time,
            Executor threads,
            Executor background) {
        List<WebhookMessage> waiting = new ArrayList<>();
        WebhookJournal journal = directory == null ? null : openJournal(directory, waiting);
        Webhooks webhooks = new Webhooks(target, hub, time, threads, background, journal, waiting);
        LOG.log(
                Level.INFO,
                "webhooks go to {0}{1}",
                webhooks.sender,
                journal == null
                        ? "; those that wait are in memory only, and end with the process"
                        : ", " + waiting.size() + " of them from before");
        return webhooks;
    }

    private static @Nullable WebhookJournal openJournal(Path directory, List<WebhookMessage> waiting) {
        try {
            return WebhookJournal.open(directory, waiting);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "the queue of webhooks in " + directory + " cannot be read and written", e);
            return null;
        }
    }

    @Override
    public boolean takesPublicationsOf(String room) {
        return selection.includesPublicationsOf(room);
    }

    @Override
    public void post(Event event) {
        if (selection.includes(event)) {
            Mailbox.Offer offer = offer(new WebhookSignal.Happened(event));
            if (offer == Mailbox.Offer.REFUSED) {
                counts.countDropped(1);
            }
        }
    }

    private Mailbox.Offer offer(WebhookSignal signal) {
        Mailbox.Offer offer = mailbox.offer(signal);
        if (offer == Mailbox.Offer.WAKE) {
            mailbox.schedule();
        }
        return offer;
    }

    private void startAttempt(WebhookMessage message) {
        threads.execute(() -> offer(new WebhookSignal.Attempted(message, sender.send(message))));
    }

    /** Handles a tick of the clock. Does not block. */
    public void tick() {
        sender.tick(background);
        if (run.isDue()) {
            offer(new WebhookSignal.Tick());
        }
    }

    /**
     * Ends the sending: goes on for a moment if the receiver answers, then closes the journal. Messages that are left are sent after the next start, if
     * there is a journal.
     *
     * @param millis for which it waits at most for the receiver, and again for the disk
     */
    public void close(long millis) throws InterruptedException {
        CountDownLatch drained = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        offer(new WebhookSignal.Drain(drained));
        boolean isDrained = drained.await(millis, TimeUnit.MILLISECONDS);
        offer(new WebhookSignal.Close(closed));
        if (!closed.await(millis, TimeUnit.MILLISECONDS)) {
            LOG.log(Level.ERROR, "the queue of webhooks was not closed in time");
        } else if (!isDrained) {
            LOG.log(Level.DEBUG, "webhooks are left");
        }
        mailbox.close();
        sender.stop();
    }

    /** Returns the counts. */
    public WebhookCounts counts() {
        return counts;
    }
}
