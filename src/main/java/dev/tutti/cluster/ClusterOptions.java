package dev.tutti.cluster;

import dev.tutti.settings.Setting;

/** The Redis that servers share. Immutable. */
public record ClusterOptions(
        @Setting(
                value = "",
                help = "Redis that several servers share: redis://host:6379, or rediss:// for TLS; empty: none",
                secret = true)
        String cluster,

        @Setting(value = "tutti", help = "first part of all keys and channels in Redis")
        String clusterPrefix) {

    /** Returns the options of a server that shares nothing. */
    public static ClusterOptions none() {
        return new ClusterOptions("", "tutti");
    }

    /** Returns whether this server is alone. */
    public boolean isAlone() {
        return cluster.isBlank();
    }

    /** Leaves out the address, which may contain a password. */
    @Override
    public String toString() {
        return isAlone() ? "alone" : "Redis, prefix " + clusterPrefix;
    }
}
