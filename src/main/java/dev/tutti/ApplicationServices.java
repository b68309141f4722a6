package dev.tutti;

import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Finds the implementations of Tutti's interfaces in an application. Stateless. */
final class ApplicationServices {
    private ApplicationServices() {}

    /**
     * Returns the implementations that the application names in {@code META-INF/services}.
     *
     * @throws java.util.ServiceConfigurationError if one cannot be made
     */
    static <T> List<T> byServiceLoader(Class<T> type) {
        List<T> found = new ArrayList<>();
        ServiceLoader.load(type, ApplicationServices.class.getClassLoader()).forEach(found::add);
        return found;
    }

    /**
     * Returns the beans of the application that implement a type; none without CDI. By reflection, because a container without CDI has not even its API.
     * The caller's context class loader is the application's.
     */
    static <T> List<T> byCdi(Class<T> type) {
        ClassLoader loader = ApplicationServices.class.getClassLoader();
        try {
            Class<?> cdi = Class.forName("jakarta.enterprise.inject.spi.CDI", false, loader);
            Class<?> beans = Class.forName("jakarta.enterprise.inject.Instance", false, loader);
            Object all = current(cdi);
            if (all == null) {
                return List.of();
            }
            Object selected =
                    beans.getMethod("select", Class.class, Annotation[].class).invoke(all, type, new Annotation[0]);
            List<T> found = new ArrayList<>();
            for (Object bean : (Iterable<?>) selected) {
                found.add(type.cast(bean));
            }
            return found;
        } catch (ClassNotFoundException e) {
            return List.of();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a bean that implements " + type.getSimpleName() + " cannot be made", e);
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

    /**
     * Returns the only one of some implementations; null if there is none.
     *
     * @throws IllegalArgumentException if there are several
     */
    static <T> @Nullable T only(Class<T> type, List<T> found) {
        if (found.size() > 1) {
            throw new IllegalArgumentException(
                    "there are several implementations of " + type.getSimpleName() + ": keep one");
        }
        return found.isEmpty() ? null : found.get(0);
    }
}
