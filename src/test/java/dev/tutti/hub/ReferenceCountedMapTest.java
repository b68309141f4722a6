package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ReferenceCountedMapTest {
    private final ReferenceCountedMap<Object> map = new ReferenceCountedMap<>();

    private Object acquire(String name) {
        return map.acquire(name, key -> new Object());
    }

    @Test
    void firstAcquisitionCreatesOthersShare() {
        Object value = acquire("a");

        assertThat(acquire("a")).isSameAs(value);
        assertThat(acquire("b")).isNotSameAs(value);
        assertThat(map.get("a")).isSameAs(value);
        assertThat(map.names()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void valueIsIdleAfterItsLastRelease() {
        Object value = acquire("a");
        acquire("a");

        assertThat(map.release("a", value, 1)).isFalse();
        assertThat(map.removeIdle("a", value, any -> true)).isFalse();
        assertThat(map.release("a", value, 1)).isTrue();
        assertThat(map.size()).isOne();
        assertThat(map.removeIdle("a", value, any -> true)).isTrue();
        assertThat(map.isEmpty()).isTrue();
    }

    @Test
    void idleValueIsAcquiredAgain() {
        Object value = acquire("a");
        map.release("a", value, 1);

        assertThat(acquire("a")).isSameAs(value);
        assertThat(map.removeEarliestIdle()).isNull();
    }

    @Test
    void conditionKeepsAnIdleValue() {
        Object value = acquire("a");
        map.release("a", value, 1);

        assertThat(map.removeIdle("a", value, any -> false)).isFalse();
        assertThat(map.removeEarliestIdle()).isSameAs(value);
    }

    @Test
    void idleValuesAreRemovedInTheOrderOfTheirRelease() {
        List<Object> values = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            values.add(acquire(name));
        }
        map.release("b", values.get(1), 1);
        map.release("a", values.get(0), 1);
        map.release("c", values.get(2), 1);
        acquire("b");
        map.release("b", values.get(1), 1);

        assertThat(map.removeEarliestIdle()).isSameAs(values.get(0));
        assertThat(map.removeEarliestIdle()).isSameAs(values.get(2));
        assertThat(map.removeEarliestIdle()).isSameAs(values.get(1));
        assertThat(map.removeEarliestIdle()).isNull();
    }

    @Test
    void severalReferencesAreReleasedAtOnce() {
        Object value = acquire("a");
        acquire("a");
        acquire("a");

        assertThat(map.release("a", value, 2)).isFalse();
        assertThat(map.release("a", value, 0)).isFalse();
        assertThat(map.release("a", value, 1)).isTrue();
        assertThat(map.release("a", value, 0)).isTrue();
        assertThatThrownBy(() -> map.release("a", value, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void referencesAreLimited() {
        Object value = map.tryAcquire("a", key -> new Object(), 2);

        assertThat(map.tryAcquire("a", key -> new Object(), 2)).isSameAs(value);
        assertThat(map.tryAcquire("a", key -> new Object(), 2)).isNull();
        assertThat(map.tryAcquire("a", key -> new Object(), 0)).isSameAs(value);
    }

    @Test
    void failedCreationAddsNothing() {
        assertThatThrownBy(() -> map.acquire("a", key -> {
                    throw new IllegalStateException("on purpose");
                }))
                .hasMessage("on purpose");

        assertThat(map.isEmpty()).isTrue();
    }

    @Test
    void removedValueIgnoresLateReleases() {
        Object removed = acquire("a");
        map.remove("a", removed);
        Object next = acquire("a");

        assertThat(next).isNotSameAs(removed);
        assertThat(map.release("a", removed, 1)).isFalse();
        assertThat(map.removeIdle("a", next, any -> true)).isFalse();
        map.remove("a", removed);
        assertThat(map.get("a")).isSameAs(next);
    }

    @Test
    void addedValueHasOneReference() {
        Object value = new Object();

        assertThat(map.putIfAbsent("a", value)).isTrue();
        assertThat(map.putIfAbsent("a", new Object())).isFalse();
        assertThat(map.release("a", value, 1)).isTrue();
    }

    @Test
    @Timeout(60)
    void referencedValueIsNeverRemoved() throws InterruptedException {
        ReferenceCountedMap<AtomicInteger> counted = new ReferenceCountedMap<>();
        int threads = 4;
        CountDownLatch done = new CountDownLatch(threads);
        AtomicInteger wrong = new AtomicInteger();
        for (int t = 0; t < threads; t++) {
            new Thread(() -> {
                        for (int i = 0; i < 20_000; i++) {
                            String name = i % 3 == 0 ? "a" : "b";
                            AtomicInteger value = counted.acquire(name, key -> new AtomicInteger());
                            if (value.incrementAndGet() < 1 || counted.get(name) != value) {
                                wrong.incrementAndGet();
                            }
                            value.decrementAndGet();
                            if (counted.release(name, value, 1)) {
                                counted.removeIdle(name, value, idle -> idle.get() == 0);
                            }
                        }
                        done.countDown();
                    })
                    .start();
        }

        assertThat(done.await(50, TimeUnit.SECONDS)).isTrue();
        assertThat(wrong).hasValue(0);
        assertThat(counted.isEmpty()).isTrue();
    }
}
