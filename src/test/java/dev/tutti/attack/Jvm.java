package dev.tutti.attack;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.Closeable;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** The memory of another JVM on this machine, seen by JMX. Safe for any thread. */
final class Jvm implements Closeable {
    private static final int PERIOD_MILLIS = 100;

    private final JMXConnector connector;
    private final MemoryMXBean memory;
    private final List<GarbageCollectorMXBean> collectors;
    private final List<BufferPoolMXBean> buffers;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private volatile long peakBytes;

    @SuppressWarnings("BanJNDI") // the address is one that we made
    Jvm(long pid) throws IOException {
        connector = JMXConnectorFactory.connect(address(pid));
        var server = connector.getMBeanServerConnection();
        memory = ManagementFactory.getPlatformMXBean(server, MemoryMXBean.class);
        collectors = ManagementFactory.getPlatformMXBeans(server, GarbageCollectorMXBean.class);
        buffers = ManagementFactory.getPlatformMXBeans(server, BufferPoolMXBean.class);
        var unused = clock.scheduleAtFixedRate(this::look, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static JMXServiceURL address(long pid) throws IOException {
        try {
            VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
            try {
                return new JMXServiceURL(machine.startLocalManagementAgent());
            } finally {
                machine.detach();
            }
        } catch (AttachNotSupportedException e) {
            throw new IOException(e);
        }
    }

    /** Collects garbage, and returns how many bytes are left on the heap and in direct buffers. */
    long liveBytes() {
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed() + directBytes();
    }

    private long directBytes() {
        return buffers.stream().mapToLong(BufferPoolMXBean::getMemoryUsed).sum();
    }

    /** Begins to look for a peak. */
    void begin() {
        peakBytes = 0;
    }

    /** Returns the most that a collection has left on the heap since {@link #begin}, with direct buffers. */
    long peakBytes() {
        look();
        return peakBytes;
    }

    private void look() {
        try {
            GcInfo last = null;
            for (GarbageCollectorMXBean collector : collectors) {
                GcInfo info = collector.getLastGcInfo();
                if (info != null && (last == null || info.getEndTime() > last.getEndTime())) {
                    last = info;
                }
            }
            if (last != null) {
                long heap = last.getMemoryUsageAfterGc().entrySet().stream()
                        .filter(pool -> pool.getKey().matches(".*(Eden|Survivor|Old|Tenured).*"))
                        .map(pool -> pool.getValue())
                        .mapToLong(MemoryUsage::getUsed)
                        .sum();
                peakBytes = Math.max(peakBytes, heap + directBytes());
            }
        } catch (UndeclaredThrowableException e) {
            // it does not answer, or is gone
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        try {
            connector.close();
        } catch (IOException e) {
            // the process has ended
        }
    }
}
