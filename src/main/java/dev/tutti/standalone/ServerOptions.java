package dev.tutti.standalone;

import dev.tutti.settings.Setting;

/** Where the standalone server listens and what it shows. Immutable. */
public record ServerOptions(
        @Setting(value = "0.0.0.0", help = "address to listen on; 127.0.0.1 is this machine only")
        String host,

        @Setting(value = "8000", help = "TCP port; 0 lets the system choose one", max = 65535)
        int port,

        @Setting(value = "", help = "folder or WAR with the web pages, instead of those inside")
        String webapp,

        @Setting(value = "", help = "PEM file with the TLS certificate and its chain; read again when it changes")
        String tlsCert,

        @Setting(value = "", help = "PEM file with the certificate's private key; read again when it changes")
        String tlsKey) {

    /** Options without TLS. */
    public ServerOptions(String host, int port, String webapp) {
        this(host, port, webapp, "", "");
    }
}
