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

/** A TCP proxy to a server on this machine that can reset, refuse, stall, mute and delay its connections. Safe for any thread. */
public final class TcpProxy implements AutoCloseable {
    private final int serverPort;
    private final ServerSocket entrance;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /** Guarded by this. */
    private boolean stalled;

    private volatile boolean muted;
    private volatile boolean refusing;
    private volatile int delayMillis;

    private TcpProxy(int serverPort, ServerSocket entrance) {
        this.serverPort = serverPort;
        this.entrance = entrance;
    }

    public static TcpProxy to(int serverPort) throws IOException {
        TcpProxy proxy = new TcpProxy(serverPort, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        start(proxy::accept);
        return proxy;
    }

    public int port() {
        return entrance.getLocalPort();
    }

    /** Resets all connections; new ones work. */
    public void cut() {
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
    public void mute() {
        muted = true;
    }

    /** Ends new connections at once, or lets them pass again. */
    public void refuse(boolean on) {
        refusing = on;
    }

    /** Delays all bytes by this time, 8 KiB at a time in each direction; 0 ends it. */
    public void delay(int millis) {
        delayMillis = millis;
    }

    /** Stalls both directions of all connections, including new ones, or lets them continue. */
    public synchronized void stall(boolean on) {
        stalled = on;
        notifyAll();
    }

    private void accept() {
        while (!entrance.isClosed()) {
            try {
                Socket client = entrance.accept();
                if (refusing) {
                    reset(client);
                    continue;
                }
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
                Thread.sleep(delayMillis);
                if (!(answers && muted)) {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException | InterruptedException e) {
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
