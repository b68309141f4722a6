package dev.tutti.standalone;

import dev.tutti.settings.Setting;

/** Address, pages and TLS files of the standalone server. Immutable. */
public record ServerOptions(
        @Setting(value = "0.0.0.0", help = "address to listen on; 127.0.0.1 for this machine only")
        String host,

        @Setting(value = "8000", help = "TCP port; 0 lets the system choose one", max = 65535)
        int port,

        @Setting(value = "", help = "directory or WAR with other web pages")
        String webapp,

        @Setting(value = "", help = "PEM file with the TLS certificate chain; reloaded when it changes")
        String tlsCert,

        @Setting(value = "", help = "PEM file with the certificate's private key; reloaded when it changes")
        String tlsKey) {

    /** Options without TLS. */
    public ServerOptions(String host, int port, String webapp) {
        this(host, port, webapp, "", "");
    }
}
