package dev.tutti.standalone;

import dev.tutti.AccessSettings;
import dev.tutti.ServerOptions;
import dev.tutti.cluster.Cluster;
import dev.tutti.cluster.ClusterOptions;
import dev.tutti.http.AccountRoute;
import dev.tutti.http.DocumentRoutes;
import dev.tutti.http.MetricsRoute;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Limits;
import dev.tutti.security.Gate;
import dev.tutti.security.Permissions;
import dev.tutti.settings.InvalidSettingsException;
import dev.tutti.settings.Settings;
import dev.tutti.settings.SettingsReader;
import dev.tutti.store.StoreOptions;
import dev.tutti.webhook.WebhookTarget;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All settings of the standalone server. Immutable. */
public record Configuration(
        ServerOptions server,
        Limits limits,
        Gate gate,
        Permissions permissions,
        DocumentRoutes.Options documents,
        AccountRoute.Options accounts,
        MetricsRoute.Options metrics,
        StoreOptions store,
        ClusterOptions cluster,
        Optional<WebhookTarget> webhooks,
        Drain.Options drain) {
    /**
     * Reads the settings.
     *
     * @throws InvalidSettingsException if any of them is invalid
     */
    public static Configuration of(SettingsReader settings) {
        Supplier<Gate> gate = settings.build(AccessSettings::gate);
        Supplier<? extends Permissions> permissions = settings.build(AccessSettings::permissions);
        Supplier<Optional<WebhookTarget>> webhooks = settings.build(WebhookTarget::of);
        Supplier<ClusterOptions> cluster = settings.build(Cluster::options);
        settings.check();
        UnaryOperator<@Nullable String> lookup = settings.lookup();
        return new Configuration(
                Settings.read(ServerOptions.class, lookup),
                Settings.read(Limits.class, StoreOptions.withLongHistories(lookup)),
                gate.get(),
                permissions.get(),
                Settings.read(DocumentRoutes.Options.class, lookup),
                Settings.read(AccountRoute.Options.class, lookup),
                Settings.read(MetricsRoute.Options.class, lookup),
                Settings.read(StoreOptions.class, lookup),
                cluster.get(),
                webhooks.get(),
                Settings.read(Drain.Options.class, lookup));
    }
}
