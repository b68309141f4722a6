package dev.tutti.cluster;

/** The address of a node of Redis Cluster. Immutable. */
record NodeAddress(String host, int port) {
    /**
     * Reads {@code host:port}.
     *
     * @param defaultHost for an address without a host
     * @throws FormatException if there is no port
     */
    static NodeAddress parse(String text, String defaultHost) {
        int colon = text.lastIndexOf(':'); // the host may be an address of IPv6, without brackets
        String host = text.substring(0, Math.max(0, colon));
        return new NodeAddress(host.isEmpty() || host.equals("?") ? defaultHost : host, (int)
                ScriptAnswers.number(text.substring(colon + 1)));
    }

    @Override
    public String toString() {
        return host + ':' + port;
    }
}
