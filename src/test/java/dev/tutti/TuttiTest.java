package dev.tutti;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tutti.cluster.ClusterOptions;
import dev.tutti.document.Documents;
import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.plain.PlainProtocol;
import dev.tutti.security.Access;
import dev.tutti.security.Gate;
import dev.tutti.security.Permissions;
import dev.tutti.settings.Settings;
import dev.tutti.store.StoreOptions;
import java.util.HexFormat;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class TuttiTest {
    private static final Limits LIMITS = Settings.read(Limits.class, name -> null);
    private static final Gate GATE = AccessSettings.gate(name -> null);

    @RepeatedTest(20)
    void stopEndsAllThreads() throws InterruptedException {
        Tutti tutti = Tutti.start(LIMITS, GATE, Permissions.ALLOW_ALL, StoreOptions.inMemory(), ClusterOptions.none());
        for (int i = 0; i < 50; i++) { // a room thread starts with its first task
            tutti.parts()
                    .hub()
                    .connect(new SilentTransport(), PlainProtocol.INSTANCE, "", Access.unrestricted(""))
                    .memberships()
                    .join(Hub.BROADCAST_ROOM, null, null, null);
        }
        tutti.stop(0);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("tutti-"));
    }

    @Test
    void applicationWritesListsAndDeletesDocuments() throws Exception {
        byte[] update = HexFormat.of().parseHex("010101000401017402686900"); // client 1 writes "hi" into the text "t"
        Tutti tutti = Tutti.start(LIMITS, GATE, Permissions.ALLOW_ALL, StoreOptions.inMemory(), ClusterOptions.none());
        try {
            TuttiDocuments documents = tutti.documents();
            result(documents.apply("plan", update));

            assertThat(result(documents.content("plan"))).isEqualTo(update);
            assertThat(result(documents.content("plan", new byte[] {1, 1, 2}))).isEqualTo(new byte[] {0, 0});
            assertThat(result(documents.stored("plan")).isComplete()).isTrue();
            assertThat(result(documents.list("pl", "", 1)))
                    .extracting(Documents.Listed::name)
                    .containsExactly("plan");
            await().until(() -> result(documents.delete("plan")) == Documents.Deletion.DELETED); // when it is unloaded
            assertThat(result(documents.list("", "", 1000))).isEmpty();
            assertThatThrownBy(() -> result(documents.apply("plan", new byte[] {1})))
                    .hasCauseInstanceOf(IllegalArgumentException.class);
            assertThatIllegalArgumentException().isThrownBy(() -> documents.apply("a plan", update));
            assertThatIllegalArgumentException().isThrownBy(() -> documents.list("", "", 1001));
        } finally {
            tutti.stop(0);
        }
    }

    private static <T> T result(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /** Completes every send and does nothing else. */
    private static final class SilentTransport implements Transport {
        @Override
        public int send(Batch batch, int from, Completion done) {
            done.done(null);
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {}

        @Override
        public void close(CloseCode code, String reason) {}
    }
}
