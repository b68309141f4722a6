package dev.tutti.cluster;

import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Timer;
import java.security.SecureRandom;

/** Reads the address of Redis in the settings. Stateless. */
final class RedisAddress {
    private RedisAddress() {}

    /** @throws IllegalArgumentException if the address is malformed */
    static void check(String address) {
        if (LettuceSlotConnector.accepts(address)) {
            LettuceSlotConnector.parse(address);
        } else {
            LettuceConnector.check(address);
        }
    }

    /**
     * Returns the connections to an address, which {@link Nodes#start} opens.
     *
     * @param authorities as {@link LettuceClient}
     * @param prefix of all keys
     * @throws IllegalArgumentException if the address is malformed
     */
    static Nodes open(String address, String authorities, String prefix, TimeSource time, Timer timer) {
        SecureRandom random = new SecureRandom();
        return LettuceSlotConnector.accepts(address)
                ? new SlotNodes(new LettuceSlotConnector(address, authorities), prefix, time, timer, random)
                : new OneNode(new LettuceConnector(address, authorities), time, timer, random);
    }
}
