package dev.tutti.application;

import dev.tutti.Tutti;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

/** A listener of another application in the same WAR, named in its web.xml: publishes in the room {@code opening} when the context starts. */
public class GuestBookListener implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        var unused = Tutti.current().publish("opening", "the guest book is open");
    }
}
