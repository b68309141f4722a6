package dev.tutti.standalone;

import dev.tutti.AccessSettings;
import dev.tutti.http.AccountRoute;
import dev.tutti.http.DocumentRoutes;
import dev.tutti.hub.Limits;
import dev.tutti.security.Gate;
import dev.tutti.security.Permissions;
import dev.tutti.settings.Settings;
import dev.tutti.store.StoreOptions;
import java.util.ArrayList;
import java.util.List;
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
        StoreOptions store) {
    /** The records whose components are settings. */
    public static final List<Class<? extends Record>> SETTINGS = settings();

    private static List<Class<? extends Record>> settings() {
        List<Class<? extends Record>> all = new ArrayList<>();
        all.add(ServerOptions.class);
        all.addAll(AccessSettings.TYPES);
        all.addAll(List.of(Limits.class, DocumentRoutes.Options.class, AccountRoute.Options.class, StoreOptions.class));
        return List.copyOf(all);
    }

    /**
     * Reads the settings.
     *
     * @param lookup returns the value of a name such as {@code max-rooms}; null for the default
     * @throws IllegalArgumentException if a value has the wrong type or is out of range
     */
    public static Configuration of(UnaryOperator<@Nullable String> lookup) {
        return new Configuration(
                Settings.read(ServerOptions.class, lookup),
                Settings.read(Limits.class, lookup),
                AccessSettings.gate(lookup),
                AccessSettings.permissions(lookup),
                Settings.read(DocumentRoutes.Options.class, lookup),
                Settings.read(AccountRoute.Options.class, lookup),
                Settings.read(StoreOptions.class, lookup));
    }
}
