package dev.tutti;

import dev.tutti.cluster.ClusterOptions;
import dev.tutti.http.AccountRoute;
import dev.tutti.http.DocumentRoutes;
import dev.tutti.http.MetricsRoute;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Limits;
import dev.tutti.settings.ConfigFile;
import dev.tutti.store.StoreOptions;
import dev.tutti.webhook.WebhookOptions;
import java.util.ArrayList;
import java.util.List;

/** The list of all settings, of a container and of the standalone server: both know the names of both, as they may share an environment. Stateless. */
public final class AllSettings {
    /** The records whose components are settings, in the order of {@code --help} and {@code --print-settings}. */
    public static final List<Class<? extends Record>> TYPES = types();

    private AllSettings() {}

    private static List<Class<? extends Record>> types() {
        List<Class<? extends Record>> all = new ArrayList<>();
        all.add(ConfigFile.Options.class);
        all.add(ServerOptions.class);
        all.addAll(AccessSettings.TYPES);
        all.addAll(List.of(
                Limits.class,
                DocumentRoutes.Options.class,
                AccountRoute.Options.class,
                MetricsRoute.Options.class,
                StoreOptions.class,
                ClusterOptions.class,
                WebhookOptions.class,
                Drain.Options.class));
        return List.copyOf(all);
    }
}
