package dev.tutti.document;

import dev.tutti.hub.Client;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.TimeSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/** All documents that somebody has open. Safe for any thread; whoever made it calls {@link #tick} about once a second. */
public final class Documents {
    /** What a client has to be connected with. */
    public static final Protocol PROTOCOL = SyncProtocol.PROTOCOL;

    /**
     * How long those are taken to be there whose connection broke: a stock client reconnects within 2.5 seconds, keeps its clock, and
     * would not be seen for up to 15 seconds if it had been taken for gone.
     */
    static final long GRACE_NANOS = 4_000_000_000L;

    private final Limits limits;
    private final DocumentStore store;
    private final Executor executor;
    private final TimeSource time;
    private final ConcurrentMap<String, LiveDocument> live = new ConcurrentHashMap<>();
    /** What all live documents take in memory. */
    private final AtomicLong liveBytes = new AtomicLong();

    /**
     * Opens no document yet.
     *
     * @param executor runs documents; must not run a task inside {@code execute}
     */
    public Documents(Limits limits, DocumentStore store, Executor executor, TimeSource time) {
        this.limits = limits;
        this.store = store;
        this.executor = executor;
        this.time = time;
    }

    /**
     * Opens a document for a client, which is told what it lacks once the document is loaded.
     *
     * @param name as {@link dev.tutti.hub.RoomName#isValid} wants it
     * @param readOnly whether what the client writes is ignored
     */
    public Participant open(String name, Client client, boolean readOnly) {
        boolean[] isNew = {false};
        LiveDocument document = live.compute(name, (key, present) -> {
            LiveDocument open = present == null ? new LiveDocument(this, name) : present;
            isNew[0] = present == null;
            open.occupants++;
            return open;
        });
        if (isNew[0]) {
            document.load();
        }
        Participant participant = new Participant(document, client, readOnly);
        document.open(participant);
        client.attach(participant);
        return participant;
    }

    /** Returns how many documents are open. */
    public int count() {
        return live.size();
    }

    /** Does what is due by the clock, for every document. */
    public void tick() {
        live.values().forEach(LiveDocument::tick);
    }

    /** Some have left; a document that nobody has open is put away. Called in its run. */
    void vacate(LiveDocument document, int count) {
        live.computeIfPresent(document.name(), (name, present) -> {
            if (present != document) {
                return present;
            }
            document.occupants -= count;
            if (document.occupants > 0) {
                return document;
            }
            byte[] state = document.stateIfChanged();
            if (state != null) {
                store.replace(name, state); // under the bin, so that nobody loads what is being replaced
            }
            liveBytes.addAndGet(-document.countedBytes());
            return null;
        });
    }

    /** A document has grown by so many bytes, or shrunk. */
    void grow(long bytes) {
        liveBytes.addAndGet(bytes);
    }

    /** Returns whether all documents may take so many bytes more of memory. */
    boolean haveSpace(long bytes) {
        int max = limits.maxDocumentsBytes();
        return max == 0 || liveBytes.get() + store.memoryBytes() + bytes <= max;
    }

    /** A document cannot be opened: whoever comes next tries anew. */
    void failed(LiveDocument document) {
        live.remove(document.name(), document);
    }

    Limits limits() {
        return limits;
    }

    DocumentStore store() {
        return store;
    }

    Executor executor() {
        return executor;
    }

    TimeSource time() {
        return time;
    }
}
