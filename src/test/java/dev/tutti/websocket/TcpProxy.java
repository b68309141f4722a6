package dev.tutti.websocket;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP proxy to a server on this machine that can reset, stall and mute its connections. Safe for any thread. */
final class TcpProxy implements AutoCloseable {
    private final int serverPort;
    private final ServerSocket entrance;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /** Guarded by this. */
    private boolean stalled;

    private volatile boolean muted;

    private TcpProxy(int serverPort, ServerSocket entrance) {
        this.serverPort = serverPort;
        this.entrance = entrance;
    }

    static TcpProxy to(int serverPort) throws IOException {
        TcpProxy proxy = new TcpProxy(serverPort, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        start(proxy::accept);
        return proxy;
    }

    int port() {
        return entrance.getLocalPort();
    }

    /** Resets all connections; new ones work. */
    void cut() {
        sockets.forEach(this::reset);
        muted = false;
        stall(false);
    }

    /** Resets each connection with this probability. Returns how many. */
    int cut(Random random, double probability) {
        int count = 0;
        for (Socket socket : sockets) {
            if (random.nextDouble() < probability) {
                reset(socket);
                count++;
            }
        }
        return count;
    }

    private void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0); // unread bytes are lost
        } catch (SocketException e) {
            return; // it has ended meanwhile
        }
        end(socket);
    }

    /** Drops all bytes from the server, until {@link #cut}; bytes to the server still pass. */
    void mute() {
        muted = true;
    }

    /** Stalls both directions of all connections, including new ones, or lets them continue. */
    synchronized void stall(boolean on) {
        stalled = on;
        notifyAll();
    }

    private void accept() {
        while (!entrance.isClosed()) {
            try {
                Socket client = entrance.accept();
                start(() -> connect(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void connect(Socket client) {
        sockets.add(client);
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
            sockets.add(server);
            start(() -> carry(server, client, true));
            carry(client, server, false);
        } catch (IOException e) {
            end(client); // the server is not running
        }
    }

    private void carry(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read; (read = in.read(buffer)) >= 0; ) {
                awaitFlow();
                if (!(answers && muted)) {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException e) {
            // one end has closed: close both
        }
        end(from);
        end(to);
    }

    private synchronized void awaitFlow() {
        while (stalled) {
            try {
                wait();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void end(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // nothing to do
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        entrance.close();
        cut();
    }
}
