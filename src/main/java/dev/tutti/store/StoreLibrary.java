package dev.tutti.store;

import dev.tutti.document.StoreException;

/** A library of a store. An application that embeds Tutti has it only if it uses that store. */
enum StoreLibrary {
    FILES("com.h2database:h2-mvstore", "org.h2.mvstore.MVStore"),
    POSTGRESQL("org.postgresql:postgresql", "org.postgresql.ds.PGSimpleDataSource");

    private final String artifact;
    private final String type;

    StoreLibrary(String artifact, String type) {
        this.artifact = artifact;
        this.type = type;
    }

    /**
     * Checks that the library is there.
     *
     * @throws StoreException if it is not; the message names the setting and the library
     */
    void requireFor(String setting) {
        try {
            Class.forName(type, false, StoreLibrary.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new StoreException(setting + ": add the library " + artifact + " to this application", e);
        }
    }
}
