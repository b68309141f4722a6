package dev.tutti.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The nodes of Redis Cluster and their slots, as one of them knows them. Immutable. */
final class Slots {
    /** Fixed by Redis. */
    static final int COUNT = 16_384;

    /** More are ignored; Redis recommends up to 1,000. */
    private static final int MAX_NODES = 2_000;

    /** The fields of a line before its slots. */
    private static final int FIELDS = 8;

    /** @param epoch the greater one is right if two nodes claim a slot */
    record Owner(NodeAddress address, long epoch) {}

    private final @Nullable Owner[] owners;
    private final List<NodeAddress> nodes;
    private final List<NodeAddress> masters;

    private Slots(@Nullable Owner[] owners, List<NodeAddress> nodes, List<NodeAddress> masters) {
        this.owners = owners;
        this.nodes = nodes;
        this.masters = masters;
    }

    /** Returns the master that has a slot; null if none has it. */
    @Nullable
    Owner owner(int slot) {
        return owners[slot];
    }

    /** Returns the addresses of masters and replicas. */
    List<NodeAddress> nodes() {
        return nodes;
    }

    /** Returns the addresses of the masters, also of those that have no slots, and are not dead. */
    List<NodeAddress> masters() {
        return masters;
    }

    /**
     * Reads the answer of {@code CLUSTER NODES}.
     *
     * @param host of the node that has answered, which may not know its own
     * @param byName whether to prefer the names of nodes, which a certificate has, to their IP addresses
     * @throws FormatException if this version does not understand it
     */
    static Slots parse(String answer, String host, boolean byName) {
        @Nullable Owner[] owners = new Owner[COUNT];
        List<NodeAddress> nodes = new ArrayList<>();
        List<NodeAddress> masters = new ArrayList<>();
        for (String line : answer.lines().limit(MAX_NODES).toList()) {
            String[] fields = line.strip().split(" ", -1);
            if (fields.length < FIELDS) {
                throw new FormatException("a node of " + fields.length + " fields");
            }
            Set<String> flags = Set.of(fields[2].split(",", -1));
            if (flags.contains("noaddr") || flags.contains("handshake")) {
                continue;
            }
            NodeAddress address = address(fields[1], host, byName);
            nodes.add(address);
            boolean hasSlots = fields.length > FIELDS;
            if (flags.contains("master") && (hasSlots || !flags.contains("fail"))) {
                masters.add(address);
                Owner owner = new Owner(address, ScriptAnswers.number(fields[6]));
                for (int i = FIELDS; i < fields.length; i++) {
                    claim(owners, owner, fields[i]);
                }
            }
        }
        return new Slots(owners, List.copyOf(nodes), List.copyOf(masters));
    }

    /** Reads {@code ip:port@bus,name,key=value…}, of which only the port is always there. */
    private static NodeAddress address(String field, String host, boolean byName) {
        String[] parts = field.split(",", -1);
        NodeAddress address = NodeAddress.parse(parts[0].replaceFirst("@.*", ""), host);
        boolean hasName = parts.length > 1 && !parts[1].isEmpty() && !parts[1].contains("=");
        return byName && hasName ? new NodeAddress(parts[1], address.port()) : address;
    }

    /** Reads {@code 7}, {@code 0-5460}, or a slot in brackets that is about to move, whose owner has it in a range, too. */
    private static void claim(@Nullable Owner[] owners, Owner owner, String range) {
        if (range.startsWith("[")) {
            return;
        }
        String[] ends = range.split("-", -1);
        long first = ScriptAnswers.number(ends[0]);
        long last = ScriptAnswers.number(ends[ends.length - 1]);
        if (first < 0 || last >= COUNT) {
            throw new FormatException("the slots " + range);
        }
        for (int slot = (int) first; slot <= last; slot++) {
            owners[slot] = owner;
        }
    }
}
