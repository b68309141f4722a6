package dev.tutti;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.runtime.ObjectMethods;

/**
 * Frees the class loader of a stopped application. Java 17 to 19 keep the class of the last record whose {@code equals} or {@code hashCode} they
 * linked, and of its last component, in caches of the JDK, and with it all classes of the application. Stateless.
 */
final class RecordMethods {
    private RecordMethods() {}

    /** Lets the JDK link the methods of a class of its own, so that the caches forget those of this application. */
    static void forget() {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            MethodHandle component = MethodHandles.identity(String.class);
            for (String method : new String[] {"equals", "hashCode"}) {
                ObjectMethods.bootstrap(lookup, method, MethodHandle.class, String.class, "itself", component);
            }
        } catch (Throwable e) { // declared by the JDK
            throw new LinkageError("the methods of a record cannot be linked", e);
        }
    }
}
