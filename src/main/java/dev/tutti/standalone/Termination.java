package dev.tutti.standalone;

import dev.tutti.hub.Drain;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends the process after SIGTERM with status 0: first the clients leave, then the shutdown hooks stop the server. A second SIGTERM does not wait for
 * the clients. Safe for any thread.
 *
 * <p>The handler of signals is {@code sun.misc.Signal}, which module {@code jdk.unsupported} exports, and which has no successor. The compiler
 * warns of its name, so this calls it by reflection. Without it SIGTERM runs the shutdown hooks at once, as SIGINT always does.
 */
final class Termination {
    private static final Logger LOG = System.getLogger(Termination.class.getName());

    private final StandaloneServer server;
    private final Drain.Options options;
    private final AtomicBoolean began = new AtomicBoolean();
    private final CompletableFuture<Void> again = new CompletableFuture<>();

    private Termination(StandaloneServer server, Drain.Options options) {
        this.server = server;
        this.options = options;
    }

    /** Handles SIGTERM from now on. */
    static void install(StandaloneServer server, Drain.Options options) {
        Termination termination = new Termination(server, options);
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object handling = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            termination.signalled();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("TERM"), handling);
        } catch (ReflectiveOperationException e) {
            LOG.log(Level.DEBUG, "SIGTERM cannot be handled here", e); // such as with -Xrs
        }
    }

    /** The JVM calls this on a thread of its own for each signal. */
    private void signalled() {
        if (began.compareAndSet(false, true)) {
            if (options.drainSeconds() > 0) {
                CompletableFuture.anyOf(server.drain(options).toCompletableFuture(), again)
                        .join();
            }
            System.exit(0);
        } else {
            again.complete(null);
        }
    }
}
