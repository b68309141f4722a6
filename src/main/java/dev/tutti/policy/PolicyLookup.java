package dev.tutti.policy;

import dev.tutti.security.AccessPolicy;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.util.Iterator;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Finds the policy of an application. Stateless. */
public final class PolicyLookup {
    private static final String SEVERAL = "there are several implementations of AccessPolicy: keep one";

    private PolicyLookup() {}

    /**
     * Returns the policy that the application names in {@code META-INF/services/dev.tutti.security.AccessPolicy}; null for none.
     *
     * @throws IllegalArgumentException if there are several
     * @throws java.util.ServiceConfigurationError if it cannot be made
     */
    public static @Nullable AccessPolicy byServiceLoader() {
        Iterator<AccessPolicy> found = ServiceLoader.load(AccessPolicy.class, PolicyLookup.class.getClassLoader())
                .iterator();
        AccessPolicy policy = found.hasNext() ? found.next() : null;
        if (found.hasNext()) {
            throw new IllegalArgumentException(SEVERAL);
        }
        return policy;
    }

    /**
     * Returns the policy that is a bean of the application; null if there is none, or no CDI. By reflection, because a container without CDI has not
     * even its API. The caller's context class loader is the application's.
     *
     * @throws IllegalArgumentException if there are several
     */
    public static @Nullable AccessPolicy byCdi() {
        ClassLoader loader = PolicyLookup.class.getClassLoader();
        try {
            Class<?> cdi = Class.forName("jakarta.enterprise.inject.spi.CDI", false, loader);
            Class<?> beans = Class.forName("jakarta.enterprise.inject.Instance", false, loader);
            Object all = current(cdi);
            if (all == null) {
                return null;
            }
            Object found = beans.getMethod("select", Class.class, Annotation[].class)
                    .invoke(all, AccessPolicy.class, new Annotation[0]);
            if (Boolean.TRUE.equals(beans.getMethod("isUnsatisfied").invoke(found))) {
                return null;
            }
            if (Boolean.TRUE.equals(beans.getMethod("isAmbiguous").invoke(found))) {
                throw new IllegalArgumentException(SEVERAL);
            }
            return (AccessPolicy) beans.getMethod("get").invoke(found);
        } catch (ClassNotFoundException e) {
            return null;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the bean that implements AccessPolicy cannot be made", e);
        }
    }

    /** Returns the beans of this application; null if it has none. */
    private static @Nullable Object current(Class<?> cdi) throws ReflectiveOperationException {
        try {
            return cdi.getMethod("current").invoke(null);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalStateException) {
                return null;
            }
            throw e;
        }
    }
}
