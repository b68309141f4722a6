package dev.tutti;

import dev.tutti.hub.Limits;
import dev.tutti.policy.PolicyOptions;
import dev.tutti.policy.PolicyPermissions;
import dev.tutti.security.AccessPolicy;
import dev.tutti.security.ApiKeys;
import dev.tutti.security.Gate;
import dev.tutti.security.Origins;
import dev.tutti.security.Permissions;
import dev.tutti.security.Rules;
import dev.tutti.security.RulesFile;
import dev.tutti.security.TokenVerifier;
import dev.tutti.security.Way;
import dev.tutti.settings.MicroProfileConfig;
import dev.tutti.settings.Settings;
import dev.tutti.settings.WatchedFile;
import dev.tutti.token.TokenOptions;
import dev.tutti.token.Tokens;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads the settings of access, for a container and for the standalone server. Stateless. */
public final class AccessSettings {
    /** The records whose components are these settings. */
    public static final List<Class<? extends Record>> TYPES = List.of(
            Gate.Options.class,
            Origins.Options.class,
            TokenOptions.class,
            ApiKeys.Options.class,
            Rules.Options.class,
            PolicyOptions.class);

    private AccessSettings() {}

    /**
     * Returns the gate of these settings.
     *
     * @param lookup returns the value of a name such as {@code access}; null for the default
     * @throws IllegalArgumentException if a value is invalid, or there are no keys for tokens
     */
    public static Gate gate(UnaryOperator<@Nullable String> lookup) {
        return gate(lookup, MicroProfileConfig.current());
    }

    /** Returns a lookup of settings that falls back to the properties of MicroProfile. */
    public static UnaryOperator<@Nullable String> withMicroProfile(UnaryOperator<@Nullable String> lookup) {
        return TokenOptions.withMicroProfile(lookup, MicroProfileConfig.current());
    }

    static Gate gate(UnaryOperator<@Nullable String> lookup, MicroProfileConfig microProfile) {
        Gate.Options ways = Settings.read(Gate.Options.class, lookup);
        if (Settings.read(Limits.class, lookup).maxConnectionsPerAddress() == 0) {
            ways = ways.withoutAddressLimits();
        }
        Origins origins = Origins.of(Settings.read(Origins.Options.class, lookup));
        TokenVerifier tokens = ways.access().include(Way.TOKEN)
                ? Tokens.of(Settings.read(TokenOptions.class, TokenOptions.withMicroProfile(lookup, microProfile)))
                : TokenVerifier.NONE;
        String keys = Settings.read(ApiKeys.Options.class, lookup).apiKeysFile();
        return new Gate(ways, origins, tokens, keys.isEmpty() ? null : ApiKeys.read(keys, RulesJson::readRights));
    }

    /**
     * Returns the permissions of these settings, and of the policy that a service file of the application names.
     *
     * @throws IllegalArgumentException if the rules cannot be read, or there are several policies
     */
    public static PolicyPermissions permissions(UnaryOperator<@Nullable String> lookup) {
        String setting = Settings.read(Rules.Options.class, lookup).rules();
        Permissions rules = setting.isBlank() ? null : rules(setting);
        PolicyPermissions permissions = new PolicyPermissions(
                rules == null ? Rules.byDefault() : rules,
                rules == null ? Rules.of(List.of()) : rules, // the defaults would grant more than the policy
                Settings.read(PolicyOptions.class, lookup),
                System::nanoTime);
        AccessPolicy found =
                ApplicationServices.only(AccessPolicy.class, ApplicationServices.byServiceLoader(AccessPolicy.class));
        if (found != null) {
            permissions.use(found);
        }
        return permissions;
    }

    private static Permissions rules(String setting) {
        if (!setting.stripLeading().startsWith("[")) {
            return new RulesFile(WatchedFile.read("rules", setting, json -> Rules.of(RulesJson.read(json))));
        }
        try {
            return Rules.of(RulesJson.read(setting));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("rules: " + e.getMessage(), e);
        }
    }
}
