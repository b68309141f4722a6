package dev.tutti.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.DocumentClients;
import dev.tutti.document.DocumentMetrics;
import dev.tutti.document.Documents;
import dev.tutti.document.MemoryStore;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Metrics;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.TimeSource;
import dev.tutti.protocol.plain.PlainProtocol;
import dev.tutti.protocol.tuttiv1.TuttiV1;
import dev.tutti.security.Gate;
import dev.tutti.security.Origins;
import dev.tutti.security.Ways;
import dev.tutti.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MetersTest {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final Meters meters = new Meters(List.of(
            PlainProtocol.INSTANCE,
            PlainProtocol.OF_ROOM,
            TuttiV1.PROTOCOL,
            DocumentClients.Y_WEBSOCKET,
            DocumentClients.HOCUSPOCUS));
    private final Metrics hub = meters.hub();

    private PrometheusText read() {
        return PrometheusText.parse(meters.write(TEXT));
    }

    private long value(String series) {
        return read().value(series);
    }

    @Test
    void seriesExistBeforeAnythingHappens() {
        assertThat(value("tutti_connections_accepted_total{endpoint=\"/connect\"}"))
                .isZero();
        assertThat(value("tutti_connections_closed_total{code=\"1013\"}")).isZero();
        assertThat(value("tutti_messages_received_total{protocol=\"hocuspocus\"}"))
                .isZero();
        assertThat(value("tutti_limit_breaches_total{limit=\"message_rate\"}")).isZero();
        assertThat(value("tutti_mailbox_run_duration_seconds_count{kind=\"room\"}"))
                .isZero();
    }

    @Test
    void connectionsAreCountedByEndpointAndCode() {
        hub.connectionOpened(PlainProtocol.INSTANCE);
        hub.connectionOpened(PlainProtocol.OF_ROOM);
        hub.connectionOpened(PlainProtocol.OF_ROOM);
        hub.connectionClosed(PlainProtocol.OF_ROOM, CloseCode.TRY_LATER);
        hub.connectionClosed(PlainProtocol.INSTANCE, null);

        assertThat(value("tutti_connections{endpoint=\"/ws\"}")).isZero();
        assertThat(value("tutti_connections{endpoint=\"/ws/{room}\"}")).isOne();
        assertThat(value("tutti_connections_accepted_total{endpoint=\"/ws/{room}\"}"))
                .isEqualTo(2);
        assertThat(value("tutti_connections_closed_total{code=\"1013\"}")).isOne();
        assertThat(value("tutti_connections_closed_total{code=\"peer\"}")).isOne();
    }

    @Test
    void firstDurationsOfManyThreadsAreAllCounted() throws Exception {
        int threads = 8;
        CyclicBarrier together = new CyclicBarrier(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                runs.add(pool.submit(() -> {
                    together.await();
                    hub.roomRunTook(1_000_000);
                    return null;
                }));
            }
            for (Future<?> run : runs) {
                run.get(30, TimeUnit.SECONDS);
            }
        } finally {
            pool.shutdownNow();
        }

        assertThat(value("tutti_mailbox_run_duration_seconds_count{kind=\"room\"}"))
                .isEqualTo(threads);
    }

    @Test
    void trafficIsCountedByProtocol() {
        Protocol protocol = TuttiV1.PROTOCOL;
        hub.messageReceived(protocol);
        hub.delivered(protocol, 7);
        hub.sent(3, 100);
        hub.published(2, 300);
        hub.recovery(true);
        hub.recovery(false);
        hub.recovery(false);
        hub.membersAdded(3);
        hub.membersAdded(-1);
        hub.limitBreached(LimitBreach.MESSAGE_RATE);
        hub.clientEvicted();

        assertThat(value("tutti_messages_received_total{protocol=\"tutti.v1\"}"))
                .isOne();
        assertThat(value("tutti_deliveries_total{protocol=\"tutti.v1\"}")).isEqualTo(7);
        assertThat(value("tutti_frames_sent_total")).isEqualTo(3);
        assertThat(value("tutti_bytes_sent_total")).isEqualTo(100);
        assertThat(value("tutti_publications_total")).isEqualTo(2);
        assertThat(value("tutti_recoveries_total{recovered=\"true\"}")).isOne();
        assertThat(value("tutti_recoveries_total{recovered=\"false\"}")).isEqualTo(2);
        assertThat(value("tutti_room_members")).isEqualTo(2);
        assertThat(value("tutti_limit_breaches_total{limit=\"message_rate\"}")).isOne();
        assertThat(value("tutti_outbox_evictions_total")).isOne();
    }

    @Test
    void durationsGoIntoFixedBuckets() {
        hub.publishTook(300_000);
        hub.roomRunTook(2_000_000);
        hub.listenerRunTook(20_000_000_000L);

        PrometheusText text = read();
        assertThat(text.types()).containsEntry("tutti_publish_duration_seconds", "histogram");
        assertThat(text.value("tutti_publish_duration_seconds_bucket{le=\"2.5E-4\"}"))
                .isZero();
        assertThat(text.value("tutti_publish_duration_seconds_bucket{le=\"5.0E-4\"}"))
                .isOne();
        assertThat(text.samples()).containsEntry("tutti_publish_duration_seconds_sum", 0.0003);
        assertThat(text.value("tutti_mailbox_run_duration_seconds_bucket{kind=\"room\",le=\"0.0025\"}"))
                .isOne();
        assertThat(text.value("tutti_mailbox_run_duration_seconds_bucket{kind=\"listener\",le=\"10.0\"}"))
                .isZero();
        assertThat(text.value("tutti_mailbox_run_duration_seconds_count{kind=\"listener\"}"))
                .isOne();
    }

    @Test
    void documentsAndTheirStoreAreCounted() {
        DocumentMetrics documents = meters.documents(new MemoryStore());
        documents.updateTook(1);
        documents.acknowledgementTook(1);
        documents.runTook(1);
        documents.committed(30, 1);
        documents.commitFailed();
        documents.delivered(DocumentClients.Y_WEBSOCKET, 4);
        documents.sent(4, 50);

        PrometheusText text = read();
        assertThat(text.value("tutti_document_update_duration_seconds_count")).isOne();
        assertThat(text.value("tutti_document_ack_duration_seconds_count{store=\"memory\"}"))
                .isOne();
        assertThat(text.value("tutti_mailbox_run_duration_seconds_count{kind=\"document\"}"))
                .isOne();
        assertThat(text.value("tutti_store_commit_duration_seconds_count{store=\"memory\"}"))
                .isOne();
        assertThat(text.value("tutti_store_commit_updates_sum")).isEqualTo(30);
        assertThat(text.value("tutti_store_failures_total")).isOne();
        assertThat(text.value("tutti_store_lag_bytes")).isZero();
        assertThat(text.value("tutti_deliveries_total{protocol=\"y-websocket\"}"))
                .isEqualTo(4);
        assertThat(text.value("tutti_bytes_sent_total")).isEqualTo(50);
    }

    @Test
    void countsOfThePartsAreRead() {
        Limits limits = Settings.read(Limits.class, name -> name.equals("memory-budget") ? "10000000" : null);
        Hub read = new Hub(limits, "h", task -> {}, 1, TimeSource.SYSTEM);
        Documents documents = new Documents(
                limits, read.budget(), new MemoryStore(), task -> {}, TimeSource.SYSTEM, (task, nanos) -> {});
        Gate gate = new Gate(new Gate.Options(Ways.valueOf("token")), Origins.of(new Origins.Options("")));
        meters.read(read, documents, gate);
        gate.revocations().revokeUser("ann", Instant.EPOCH);
        var unused = read.publish("a", "1", null);

        PrometheusText text = read();
        assertThat(text.value("tutti_rooms")).isOne();
        assertThat(text.value("tutti_history_bytes")).isPositive();
        assertThat(text.value("tutti_budget_bytes{share=\"history\"}")).isEqualTo(text.value("tutti_history_bytes"));
        assertThat(text.value("tutti_budget_limit_bytes{share=\"output\"}")).isEqualTo(2_500_000);
        assertThat(text.value("tutti_budget_refusals_total{share=\"input\"}")).isZero();
        assertThat(text.value("tutti_revocations_total")).isOne();
        assertThat(text.value("tutti_authentications_total{result=\"refused\"}"))
                .isZero();
        assertThat(text.value("tutti_outbox_bytes")).isZero();
        assertThat(text.value("tutti_documents_open")).isZero();
    }

    @Test
    void requestsAreCountedByRouteAndStatus() {
        meters.requestAnswered("/health", 200, 1);
        meters.requestAnswered("/health", 200, 1);
        meters.requestAnswered("unknown", 404, 1);

        assertThat(value("tutti_http_request_duration_seconds_count{route=\"/health\",status=\"200\"}"))
                .isEqualTo(2);
        assertThat(value("tutti_http_request_duration_seconds_count{route=\"unknown\",status=\"404\"}"))
                .isOne();
    }

    @Test
    void registryOfTheApplicationGetsAllMetersUntilTheEnd() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        hub.sent(1, 1);
        meters.addTo(registry);
        hub.sent(2, 2);
        hub.publishTook(5);
        meters.requestAnswered("/health", 200, 1);

        assertThat(registry.get("tutti.frames.sent").functionCounter().count()).isEqualTo(3);
        assertThat(registry.get("tutti.publish.duration").timer().count()).isOne();
        assertThat(registry.get("tutti.http.request.duration").timer().count()).isOne();
        meters.close();
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void countersSurviveGarbageCollection() {
        hub.sent(2, 2);
        System.gc();

        assertThat(value("tutti_frames_sent_total")).isEqualTo(2);
    }

    @Test
    void openMetricsEndsWithItsMark() {
        assertThat(meters.write("application/openmetrics-text; version=1.0.0; charset=utf-8"))
                .endsWith("# EOF\n");
    }
}
