package dev.tutti.cdi;

import dev.tutti.Tutti;
import dev.tutti.event.Event;
import dev.tutti.event.TuttiListener;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.enterprise.inject.spi.ProcessObserverMethod;

/**
 * Adds two beans to an application: {@link Tutti}, for {@code @Inject Tutti}; and, if the application observes {@link Event}s, a listener that fires
 * them. The container's CDI finds this class as a service; a container without CDI never loads it. Confined to the start of the application.
 */
public class TuttiExtension implements Extension {
    private boolean isObserved;

    /** An observer method of the application takes a kind of {@link Event}. */
    <T extends Event> void observerFound(@Observes ProcessObserverMethod<T, ?> observer) {
        isObserved = true;
    }

    void addBeans(@Observes AfterBeanDiscovery discovered, BeanManager beans) {
        discovered
                .<Tutti>addBean()
                .beanClass(Tutti.class)
                .types(Tutti.class, Object.class)
                .scope(Dependent.class)
                .produceWith(instance -> Tutti.current());
        if (isObserved) {
            discovered
                    .<TuttiListener>addBean()
                    .beanClass(FiringListener.class)
                    .types(TuttiListener.class, Object.class)
                    .scope(Dependent.class)
                    .produceWith(instance -> new FiringListener(beans));
        }
    }
}
