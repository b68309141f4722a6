package dev.tutti.statistics;

import dev.tutti.document.Documents;
import dev.tutti.hub.ClientDirectory;
import dev.tutti.hub.Hub;
import dev.tutti.hub.RoomUsage;
import java.util.Comparator;
import java.util.List;

/**
 * The rooms and documents with most clients, those with most changes, and the clients for which most waits: each list begins with the largest,
 * and has at most {@value Statistics#LISTED} elements. Immutable.
 *
 * @param slowClients number of clients for which something waits
 * @param waitingBytes that wait for all of them
 */
public record Ranking(
        List<RoomUsage> largestRooms,
        List<RoomUsage> busiestRooms,
        List<Documents.Open> largestDocuments,
        List<Documents.Open> busiestDocuments,
        List<ClientDirectory.Waiting> slowestClients,
        int slowClients,
        long waitingBytes) {
    private static final Comparator<RoomUsage> BY_NAME =
            Comparator.comparing(RoomUsage::room).reversed();
    private static final Comparator<RoomUsage> LARGER_ROOM = Comparator.comparingInt(RoomUsage::clients)
            .thenComparingLong(RoomUsage::retained)
            .thenComparing(BY_NAME);
    private static final Comparator<RoomUsage> BUSIER_ROOM = Comparator.comparingLong(RoomUsage::perMinute)
            .thenComparingInt(RoomUsage::clients)
            .thenComparing(BY_NAME);
    private static final Comparator<Documents.Open> BY_DOCUMENT =
            Comparator.comparing(Documents.Open::name).reversed();
    private static final Comparator<Documents.Open> LARGER_DOCUMENT = Comparator.comparingLong(Documents.Open::bytes)
            .thenComparingInt(Documents.Open::clients)
            .thenComparing(BY_DOCUMENT);
    private static final Comparator<Documents.Open> BUSIER_DOCUMENT =
            Comparator.comparingLong(Documents.Open::changesPerMinute).thenComparing(LARGER_DOCUMENT);
    private static final Comparator<ClientDirectory.Waiting> SLOWER = Comparator.comparingLong(
                    ClientDirectory.Waiting::waitingBytes)
            .thenComparing(ClientDirectory.Waiting::client);

    /** Visits all rooms, live documents and clients. */
    static Ranking of(Hub hub, Documents documents) {
        Largest<RoomUsage> largestRooms = new Largest<>(Statistics.LISTED, LARGER_ROOM);
        Largest<RoomUsage> busiestRooms = new Largest<>(Statistics.LISTED, BUSIER_ROOM);
        hub.directory().forEachUsage(room -> {
            largestRooms.add(room);
            busiestRooms.add(room);
        });
        Largest<Documents.Open> largestDocuments = new Largest<>(Statistics.LISTED, LARGER_DOCUMENT);
        Largest<Documents.Open> busiestDocuments = new Largest<>(Statistics.LISTED, BUSIER_DOCUMENT);
        documents.forEachOpen(document -> {
            largestDocuments.add(document);
            busiestDocuments.add(document);
        });
        Largest<ClientDirectory.Waiting> slowest = new Largest<>(Statistics.LISTED, SLOWER);
        int[] slow = new int[1];
        long[] waiting = new long[1];
        hub.clientDirectory().forEachWaiting(client -> {
            slowest.add(client);
            slow[0]++;
            waiting[0] += client.waitingBytes();
        });
        return new Ranking(
                largestRooms.list(),
                busiestRooms.list(),
                largestDocuments.list(),
                busiestDocuments.list(),
                slowest.list(),
                slow[0],
                waiting[0]);
    }
}
