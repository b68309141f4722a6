package dev.tutti.cluster;

import java.util.ArrayList;
import java.util.List;

/**
 * A message from one server to others. Immutable.
 *
 * @param server the one that has sent it
 * @param number of the question, among those of the server that asks
 * @param values a question begins with its {@link Question#kind}
 */
record ServerMessage(String server, long number, List<String> values) {
    /** The version of {@link #encode}. */
    private static final String VERSION = "1";

    byte[] encode() {
        List<String> fields = new ArrayList<>(values.size() + 3);
        fields.add(VERSION);
        fields.add(server);
        fields.add(Long.toString(number));
        fields.addAll(values);
        return Fields.encode(fields);
    }

    /** @throws FormatException if this version does not understand the bytes */
    static ServerMessage decode(byte[] encoded) {
        Fields fields = new Fields(encoded);
        String version = fields.text();
        if (!version.equals(VERSION)) {
            throw new FormatException("a message of version " + version);
        }
        String server = fields.text();
        long number = fields.number();
        List<String> values = new ArrayList<>();
        while (fields.hasNext()) {
            values.add(fields.text());
        }
        return new ServerMessage(server, number, values);
    }
}
