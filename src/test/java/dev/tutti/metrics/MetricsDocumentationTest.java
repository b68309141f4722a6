package dev.tutti.metrics;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.DocumentClients;
import dev.tutti.document.Documents;
import dev.tutti.document.MemoryStore;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.protocol.plain.PlainProtocol;
import dev.tutti.security.Gate;
import dev.tutti.security.Origins;
import dev.tutti.security.Ways;
import dev.tutti.settings.Settings;
import dev.tutti.webhook.WebhookCounts;
import jakarta.json.Json;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Checks the table of metrics, the dashboard and the alerts against the metrics that exist. */
class MetricsDocumentationTest {
    private static final Path DOCS = Path.of("docs");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(tutti_\\w+)` \\| ([^|]*)\\| ");
    private static final Pattern USED = Pattern.compile("\\btutti_\\w+");

    private static PrometheusText text;

    /** The names of all metrics, without the greatest values that belong to histograms. */
    private static Set<String> metrics;

    @BeforeAll
    static void registerAll() {
        Limits limits = Settings.read(Limits.class, name -> null);
        Meters meters = new Meters(List.of(PlainProtocol.INSTANCE, DocumentClients.HOCUSPOCUS));
        Hub hub = new Hub(limits, "h", task -> {}, 1, TimeSource.SYSTEM);
        MemoryStore store = new MemoryStore();
        meters.documents(store);
        Gate gate = new Gate(new Gate.Options(Ways.valueOf("open")), Origins.of(new Origins.Options("")));
        meters.read(
                hub,
                new Documents(limits, hub.budget(), store, task -> {}, TimeSource.SYSTEM, (task, nanos) -> {}),
                gate);
        meters.webhooks(new WebhookCounts());
        meters.cluster();
        meters.clusterState(() -> 0, () -> 0);
        meters.requestAnswered("/health", 200, 1);
        text = PrometheusText.parse(meters.write("text/plain; version=0.0.4; charset=utf-8"));
        metrics = text.types().keySet().stream()
                .filter(name ->
                        !"histogram".equals(text.types().get(name.replaceAll("_max$", ""))) || !name.endsWith("_max"))
                .collect(toSet());
    }

    @Test
    void tableListsEachMetricWithItsLabels() throws IOException {
        Map<String, Set<String>> rows = ROW.matcher(Files.readString(DOCS.resolve("operations.md")))
                .results()
                .collect(toMap(row -> row.group(1), row -> labels(row.group(2))));

        assertThat(rows).containsOnlyKeys(metrics);
        assertThat(rows)
                .allSatisfy((metric, labels) -> assertThat(text.labels(metric)).isEqualTo(labels));
    }

    private static Set<String> labels(String cell) {
        return Pattern.compile("[, ]+")
                .splitAsStream(cell.replace("`", ""))
                .filter(label -> !label.isEmpty())
                .collect(toSet());
    }

    @Test
    void dashboardAndAlertsUseExistingMetrics() throws IOException {
        for (String file : List.of("grafana.json", "alerts.yml")) {
            assertThat(used(file)).isNotEmpty().isSubsetOf(metrics);
        }
    }

    @Test
    void dashboardShowsEachMetric() throws IOException {
        assertThat(used("grafana.json")).containsExactlyInAnyOrderElementsOf(metrics);
    }

    /** Returns the metrics that a file names, by themselves or by a series of theirs. */
    private static Set<String> used(String file) throws IOException {
        Set<String> used = new TreeSet<>();
        USED.matcher(Files.readString(DOCS.resolve(file)))
                .results()
                .map(MatchResult::group)
                .forEach(name -> {
                    String histogram = name.replaceAll("_(bucket|sum|count|max)$", "");
                    boolean isHistogram = "histogram".equals(text.types().get(histogram));
                    used.add(isHistogram ? histogram : name);
                });
        return used;
    }

    @Test
    void dashboardIsJsonWithUniquePanels() throws IOException {
        try (JsonReader reader = Json.createReader(Files.newBufferedReader(DOCS.resolve("grafana.json")))) {
            assertThat(reader.readObject()
                            .getJsonArray("panels")
                            .getValuesAs(panel -> panel.asJsonObject().getInt("id")))
                    .isNotEmpty()
                    .doesNotHaveDuplicates();
        }
    }
}
