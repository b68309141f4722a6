package dev.tutti.http;

import dev.tutti.http.Operation.Kind;
import dev.tutti.hub.Administration;
import dev.tutti.hub.ClientDirectory;
import dev.tutti.security.Action;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The route that lists connections (docs/http-api.md, "Connections"), for administrators. Safe for any thread. */
final class ClientRoutes {
    private final Administration administration;
    private final Admission admission;

    ClientRoutes(Administration administration, Admission admission) {
        this.administration = administration;
        this.admission = admission;
    }

    /** A page of the connections. */
    record ClientList(List<ClientJson> clients, boolean more) {}

    /** A connection; {@code address} is empty if it is unknown, {@code rooms} the number of rooms that it is in. */
    record ClientJson(String client, String user, String way, String address, int rooms) {
        static ClientJson of(ClientDirectory.Entry entry) {
            return new ClientJson(entry.client(), entry.user(), entry.way().word(), entry.address(), entry.rooms());
        }
    }

    Route route() {
        return new Route(
                "GET",
                "/api/clients",
                Operation.of("The connections, by id. Needs the right to administer")
                        .query("user", Kind.TEXT, "only those of this user")
                        .query("after", Kind.TEXT, "only ids after this one")
                        .limit("connections in the answer")
                        .answers(200, ClientList.class),
                this::list);
    }

    private CompletionStage<ApiResponse> list(ApiCall call) {
        int limit = call.limit();
        admission.admit(call.request()).onServer().require(Action.ADMIN);
        return administration
                .clients(call.queryOrEmpty("user"), call.queryOrEmpty("after"), limit)
                .thenApply(page -> ApiResponse.of(
                        page,
                        new ClientList(page.items().stream().map(ClientJson::of).toList(), page.hasMore())));
    }
}
