package dev.tutti.cdi;

import dev.tutti.event.Event;
import dev.tutti.event.TuttiListener;
import jakarta.enterprise.inject.spi.BeanManager;

/** Fires Tutti's events as events of CDI, on a thread of the listeners. Immutable. */
final class FiringListener implements TuttiListener {
    private final BeanManager beans;

    FiringListener(BeanManager beans) {
        this.beans = beans;
    }

    @Override
    public void happened(Event event) {
        beans.getEvent().fire(event);
    }
}
