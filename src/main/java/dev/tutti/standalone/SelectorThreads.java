package dev.tutti.standalone;

import dev.tutti.hub.Faults;
import java.lang.System.Logger;
import java.util.concurrent.ThreadFactory;
import org.glassfish.grizzly.Grizzly;
import org.glassfish.grizzly.Transport;
import org.glassfish.grizzly.TransportProbe;
import org.glassfish.grizzly.memory.MemoryManager;
import org.glassfish.grizzly.memory.ThreadLocalPoolProvider;
import org.glassfish.grizzly.nio.transport.TCPNIOTransport;
import org.glassfish.grizzly.threadpool.DefaultWorkerThread;
import org.glassfish.grizzly.threadpool.ThreadPoolConfig;
import org.jspecify.annotations.Nullable;

/**
 * The threads of Grizzly's selectors. Grizzly only logs what they fail of, and some of that kills them: here a lack of memory reaches the
 * process's handler of uncaught exceptions as well, so that no process stays which no longer answers. Stateless.
 */
final class TransportThreads extends TransportProbe.Adapter implements ThreadFactory {
    private static final Logger LOG = System.getLogger(TransportThreads.class.getName());

    private final MemoryManager<?> memory;

    private TransportThreads(MemoryManager<?> memory) {
        this.memory = memory;
    }

    /** Prepares a transport that has not started. */
    static void prepare(TCPNIOTransport transport) {
        TransportThreads threads = new TransportThreads(transport.getMemoryManager());
        transport.getMonitoringConfig().addProbes(threads);
        ThreadPoolConfig config = transport.getKernelThreadPoolConfig();
        if (config == null) {
            config = ThreadPoolConfig.defaultConfig();
        }
        transport.setKernelThreadPoolConfig(config.copy().setThreadFactory(threads));
    }

    /** Grizzly's own factory differs in its handler of uncaught exceptions. */
    @Override
    public Thread newThread(Runnable task) {
        var pool = memory instanceof ThreadLocalPoolProvider provider ? provider.createThreadLocalPool() : null;
        return new DefaultWorkerThread(Grizzly.DEFAULT_ATTRIBUTE_BUILDER, "tutti-selector", pool, task);
    }

    /** Called for failures that the selector survives. */
    @Override
    public void onErrorEvent(Transport transport, @Nullable Throwable error) {
        if (error != null) {
            Faults.report(LOG, "a selector failed", error);
        }
    }
}
