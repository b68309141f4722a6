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

/** The memory of another JVM on this machine, by JMX. Safe for any thread. */
final class RemoteJvm implements Closeable {
    private static final int PERIOD_MILLIS = 100;

    private final JMXConnector connector;
    private final MemoryMXBean memory;
    private final List<GarbageCollectorMXBean> collectors;
    private final List<BufferPoolMXBean> buffers;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private volatile long peakBytes;

    @SuppressWarnings("BanJNDI") // the address is our own
    RemoteJvm(long pid) throws IOException {
        connector = JMXConnectorFactory.connect(address(pid));
        var server = connector.getMBeanServerConnection();
        memory = ManagementFactory.getPlatformMXBean(server, MemoryMXBean.class);
        collectors = ManagementFactory.getPlatformMXBeans(server, GarbageCollectorMXBean.class);
        buffers = ManagementFactory.getPlatformMXBeans(server, BufferPoolMXBean.class);
        var unused = clock.scheduleAtFixedRate(this::sample, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
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

    /** Collects garbage. Returns the bytes in use on the heap and in direct buffers. */
    long liveBytes() {
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed() + directBytes();
    }

    private long directBytes() {
        return buffers.stream().mapToLong(BufferPoolMXBean::getMemoryUsed).sum();
    }

    /** Starts to measure the peak. */
    void begin() {
        peakBytes = 0;
    }

    /** Returns the peak since {@link #begin} of the heap after a collection, with direct buffers. */
    long peakBytes() {
        sample();
        return peakBytes;
    }

    private void sample() {
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
            // the process is busy or has ended
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
