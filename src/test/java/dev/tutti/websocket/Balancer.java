package dev.tutti.websocket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A load balancer in front of two servers, of which the second is the backup, with the configuration of docs/operations.md. Confined to a test. */
final class Balancer implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** A program that balances. */
    enum Kind {
        HAPROXY("haproxy") {
            @Override
            List<String> prepare(Path directory, int port, int firstPort, int secondPort) throws IOException {
                Path file =
                        Files.writeString(directory.resolve("haproxy.cfg"), """
                        defaults
                            mode http
                            timeout connect 1s
                            timeout client 60s
                            timeout server 60s
                            timeout tunnel 1h
                            timeout check 2s
                            option redispatch 1
                            retries 3
                            retry-on conn-failure empty-response 503
                        frontend clients
                            bind 127.0.0.1:%d
                            http-response set-header X-Server %%s
                            default_backend tutti
                        backend tutti
                            option httpchk GET /health/ready
                            default-server check inter 250ms fall 2 rise 1
                            server first 127.0.0.1:%d
                            server second 127.0.0.1:%d backup
                        """.formatted(port, firstPort, secondPort));
                return List.of("-db", "-f", file.toString());
            }
        },
        NGINX("nginx") {
            @Override
            List<String> prepare(Path directory, int port, int firstPort, int secondPort) throws IOException {
                String paths = Stream.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
                        .map(use -> use + "_temp_path " + use + ";")
                        .collect(Collectors.joining(" "));
                Path file = Files.writeString(
                        directory.resolve("nginx.conf"), """
                        daemon off;
                        pid nginx.pid;
                        events { worker_connections 20000; }
                        http {
                            access_log off;
                            %1$s
                            map $upstream_addr $tutti_server {
                                "~:%3$d$" first;
                                "~:%4$d$" second;
                            }
                            upstream tutti {
                                server 127.0.0.1:%3$d max_fails=1 fail_timeout=5s;
                                server 127.0.0.1:%4$d backup;
                            }
                            server {
                                listen 127.0.0.1:%2$d;
                                add_header X-Server $tutti_server always;
                                location / {
                                    proxy_pass http://tutti;
                                    proxy_next_upstream error timeout http_503;
                                    proxy_connect_timeout 1s;
                                    proxy_http_version 1.1;
                                    proxy_set_header Upgrade $http_upgrade;
                                    proxy_set_header Connection "upgrade";
                                    proxy_set_header Host $http_host;
                                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                                    proxy_read_timeout 60s;
                                }
                            }
                        }
                        """.formatted(paths, port, firstPort, secondPort));
                return List.of("-p", directory.toString(), "-e", "stderr", "-c", file.toString());
            }
        };

        private final String program;

        Kind(String program) {
            this.program = program;
        }

        /** Writes the configuration, and returns the arguments of the program. */
        abstract List<String> prepare(Path directory, int port, int firstPort, int secondPort) throws IOException;

        /** Returns whether the program is installed. */
        boolean isInstalled() throws InterruptedException {
            try {
                return new ProcessBuilder(program, "-v")
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start()
                                .waitFor()
                        == 0;
            } catch (IOException e) {
                return false;
            }
        }

        String missing() {
            return program + " is missing (apt-get install " + program + ")";
        }
    }

    private final Process process;
    private final int port;

    private Balancer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static Balancer start(Kind kind, Path directory, int firstPort, int secondPort) throws IOException {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(kind.program));
        command.addAll(kind.prepare(directory, port, firstPort, secondPort));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(kind.program + ".log").toFile())
                .start();
        return new Balancer(process, port);
    }

    /** Returns a port that no program uses now. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    String address() {
        return "http://127.0.0.1:" + port;
    }

    /** Returns the server to which new clients go; empty for none. */
    String server() throws InterruptedException {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(address() + "/health")).build();
            HttpResponse<Void> response = HTTP.send(request, HttpResponse.BodyHandlers.discarding());
            return response.statusCode() == 200
                    ? response.headers().firstValue("X-Server").orElse("")
                    : "";
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        process.destroy(); // nginx ends its workers
        process.onExit().join();
    }
}
