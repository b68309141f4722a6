package dev.tutti.client;

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

/** A TCP line to a server of this machine that can be cut, stalled and muted. Safe for any thread. */
final class Cable implements AutoCloseable {
    private final int serverPort;
    private final ServerSocket entrance;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /** Guarded by this. */
    private boolean stalled;

    private volatile boolean muted;

    private Cable(int serverPort, ServerSocket entrance) {
        this.serverPort = serverPort;
        this.entrance = entrance;
    }

    static Cable to(int serverPort) throws IOException {
        Cable cable = new Cable(serverPort, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        start(cable::accept);
        return cable;
    }

    int port() {
        return entrance.getLocalPort();
    }

    /** Resets all connections. The cable is whole for the next ones. */
    void cut() {
        sockets.forEach(this::reset);
        muted = false;
        stall(false);
    }

    /** Resets some of the connections, each with this probability; returns how many. */
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
            socket.setSoLinger(true, 0); // and what was not read yet is lost
        } catch (SocketException e) {
            return; // it has just ended by itself
        }
        end(socket);
    }

    /** From now on, until it is cut, the server is heard by nobody, but hears. */
    void mute() {
        muted = true;
    }

    /** Holds back what comes, in both directions and of new connections too; or lets it all go on. */
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
            end(client); // the server is away
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
            // one end is gone, so the other goes, too
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
            // closed is closed
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "cable");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        entrance.close();
        cut();
    }
}
