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
 * Creates and monitors Grizzly's selector threads. Grizzly only logs their failures, some of which end the thread. This class passes an
 * {@link OutOfMemoryError} on to the default handler of uncaught exceptions, so that no process stays without a selector. Stateless.
 */
final class SelectorThreads extends TransportProbe.Adapter implements ThreadFactory {
    private static final Logger LOG = System.getLogger(SelectorThreads.class.getName());

    private final MemoryManager<?> memory;

    private SelectorThreads(MemoryManager<?> memory) {
        this.memory = memory;
    }

    /** Installs these threads in a transport before its start. */
    static void install(TCPNIOTransport transport) {
        SelectorThreads threads = new SelectorThreads(transport.getMemoryManager());
        transport.getMonitoringConfig().addProbes(threads);
        ThreadPoolConfig config = transport.getKernelThreadPoolConfig();
        if (config == null) {
            config = ThreadPoolConfig.defaultConfig();
        }
        transport.setKernelThreadPoolConfig(config.copy().setThreadFactory(threads));
    }

    /** Differs from Grizzly's own factory in the handler of uncaught exceptions. */
    @Override
    public Thread newThread(Runnable task) {
        var pool = memory instanceof ThreadLocalPoolProvider provider ? provider.createThreadLocalPool() : null;
        return new DefaultWorkerThread(Grizzly.DEFAULT_ATTRIBUTE_BUILDER, "tutti-selector", pool, task);
    }

    /** Reports failures that the selector survives. */
    @Override
    public void onErrorEvent(Transport transport, @Nullable Throwable error) {
        if (error != null) {
            Faults.report(LOG, "a selector failed", error);
        }
    }
}
