package dev.tutti.http;

import dev.tutti.document.Documents;
import dev.tutti.hub.Hub;
import dev.tutti.hub.TimeSource;
import dev.tutti.statistics.Statistics;
import dev.tutti.statistics.Totals;
import java.util.List;

/** Statistics without meters, for routes that show none. Stateless. */
final class TestStatistics {
    private TestStatistics() {}

    static Statistics of(Hub hub, Documents documents) {
        Totals none = new Totals(List.of(), List.of(), 0, 0, 0, 0, 0, 0, new Totals.Store("memory", 0, 0, 0), null);
        return new Statistics(hub, documents, () -> none, Runnable::run, TimeSource.SYSTEM);
    }
}
