package dev.tutti.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FairQueueTest {
    private final FairQueue<String> queue = new FairQueue<>(5, 3);

    private void offer(String... elements) {
        for (String element : elements) {
            assertThat(queue.offer(element.substring(0, 1), element)).isTrue();
        }
    }

    private List<String> drain() {
        List<String> all = new ArrayList<>();
        for (String next = queue.poll(); next != null; next = queue.poll()) {
            all.add(next);
        }
        return all;
    }

    @Test
    void ownersAreServedInTurns() {
        offer("a1", "a2", "a3", "b1", "c1");

        assertThat(drain()).containsExactly("a1", "b1", "c1", "a2", "a3");
    }

    @Test
    void newOwnerWaitsForOneElementOfEachOther() {
        offer("a1", "a2", "a3");
        assertThat(queue.poll()).isEqualTo("a1");
        offer("b1");

        assertThat(drain()).containsExactly("a2", "b1", "a3");
    }

    @Test
    void ownerIsBoundedOthersStillEnter() {
        offer("a1", "a2", "a3");
        assertThat(queue.offer("a", "a4")).isFalse();
        offer("b1", "b2");
        assertThat(queue.offer("c", "c1")).as("the bound of all").isFalse();
        queue.poll();

        assertThat(queue.offer("c", "c1")).isTrue();
    }

    @Test
    void matchingElementsAreRemovedFromTheFront() {
        offer("a1", "a2", "b1", "c2", "c1");

        assertThat(queue.removeFirst(element -> element.endsWith("1"))).containsExactly("a1", "b1");
        assertThat(drain()).containsExactly("a2", "c2", "c1");
        offer("a1", "a2", "a3", "b1", "b2");
    }
}
