package dev.tutti;

import dev.tutti.log.LogFormat;
import dev.tutti.settings.Setting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.List;

/** Address, pages, TLS files and log of the standalone server. Immutable. */
public record ServerOptions(
        @Setting(value = "", help = "address to listen on, 0.0.0.0 for all; this machine only if it is not given")
        String host,

        @Setting(value = "8000", help = "TCP port; 0 lets the system choose one", max = 65535)
        int port,

        @Setting(value = "", help = "directory or WAR with other web pages")
        String webapp,

        @Setting(value = "", help = "PEM file with the TLS certificate chain; reloaded when it changes")
        String tlsCert,

        @Setting(value = "", help = "PEM file with the certificate's private key; reloaded when it changes")
        String tlsKey,

        @Setting(value = "text", help = "form of the lines in the log: text, or json, one object a line")
        LogFormat logFormat) {

    private static final String IPV4_LOOPBACK = "127.0.0.1";
    private static final String IPV6_LOOPBACK = "::1";

    /** Returns the addresses to listen on: without a host those of the loopback that this machine has. */
    public List<String> addresses() throws IOException {
        if (!host.isEmpty()) {
            return List.of(host);
        }
        byte[] ipv6 = new byte[16];
        ipv6[15] = 1;
        boolean hasIpv6 = NetworkInterface.getByInetAddress(InetAddress.getByAddress(ipv6)) != null;
        return hasIpv6 ? List.of(IPV4_LOOPBACK, IPV6_LOOPBACK) : List.of(IPV4_LOOPBACK);
    }

    /** Options without TLS. */
    public ServerOptions(String host, int port, String webapp) {
        this(host, port, webapp, "", "");
    }

    /** Options with a log as text. */
    public ServerOptions(String host, int port, String webapp, String tlsCert, String tlsKey) {
        this(host, port, webapp, tlsCert, tlsKey, LogFormat.TEXT);
    }
}
