package dev.tutti.cluster;

import dev.tutti.settings.Setting;
import java.time.Duration;

/** The Redis that servers share. Immutable. */
public record ClusterOptions(
        @Setting(
                value = "",
                help =
                        "Redis that several servers share: redis://host:6379, redis-sentinel://host:26379,host:26379/0#master, "
                                + "redis-cluster://host:6379,host:6379, or rediss:// and rediss-cluster:// for TLS; empty: none",
                secret = true)
        String cluster,

        @Setting(value = "tutti", help = "first part of all keys and channels in Redis")
        String clusterPrefix,

        @Setting(
                value = "",
                help = "name of this server among those of the cluster, for administrators; empty: one by chance")
        String clusterServer,

        @Setting(
                value = "30",
                help = "days for which Redis keeps the revocation of a token; at least as long as tokens live",
                min = 1,
                max = 3_650)
        int clusterRevocationDays,

        @Setting(
                value = "",
                help =
                        "PEM file with the certificates of the authorities of rediss:// and rediss-cluster://; empty: those that Java trusts")
        String clusterAuthorities) {

    /** Returns the options of a server that shares nothing. */
    public static ClusterOptions none() {
        return new ClusterOptions("", "tutti", "", 30, "");
    }

    /** Returns whether this server is alone. */
    public boolean isAlone() {
        return cluster.isBlank();
    }

    /** Returns how long revocations matter. */
    public Duration revocationAge() {
        return Duration.ofDays(clusterRevocationDays);
    }

    /** Leaves out the address, which may contain a password. */
    @Override
    public String toString() {
        return isAlone() ? "alone" : "Redis, prefix " + clusterPrefix;
    }
}
