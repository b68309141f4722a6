package dev.tutti;

import dev.tutti.endpoint.HandshakeFilter;
import dev.tutti.http.DocumentRoutes;
import dev.tutti.http.RouteServlet;
import dev.tutti.http.Routes;
import dev.tutti.hub.Limits;
import dev.tutti.security.Origins;
import dev.tutti.settings.Settings;
import dev.tutti.store.DocumentStores;
import dev.tutti.store.StoreOptions;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.annotation.WebListener;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Starts and stops the application with its servlet context. A setting is taken from the context parameter {@code
 * tutti.max-message-bytes}, else from the environment variable {@code TUTTI_MAX_MESSAGE_BYTES}, else its default.
 */
@WebListener
public final class WebApplication implements ServletContextListener {
    private static final Logger LOG = System.getLogger(WebApplication.class.getName());

    private static final long STOP_MILLIS = 1_000;

    private @Nullable Tutti tutti;

    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        UnaryOperator<@Nullable String> lookup = name -> {
            String parameter = context.getInitParameter("tutti." + name);
            return parameter != null ? parameter : System.getenv(Settings.environmentName(name));
        };
        Origins origins = Origins.of(Settings.read(Origins.Options.class, lookup));
        StoreOptions kept = Settings.read(StoreOptions.class, StoreOptions.inContainer(lookup));
        if (kept.isMemory()) {
            LOG.log(
                    Level.INFO,
                    "documents are in memory only: the context parameters tutti.data and tutti.database keep them");
        }
        Tutti started = Tutti.start(Settings.read(Limits.class, lookup), kept);
        tutti = started;
        addFilter(context, new HandshakeFilter(origins, started.hub(), started.pendingCloses()));
        DocumentRoutes.Options options = Settings.read(DocumentRoutes.Options.class, lookup);
        addServlet(context, Routes.of(started.hub(), started.documents(), origins, options));
    }

    private static void addFilter(ServletContext context, HandshakeFilter handshakes) {
        FilterRegistration.Dynamic filter = context.addFilter("tutti-handshake", handshakes);
        filter.setAsyncSupported(true);
        filter.addMappingForUrlPatterns(
                EnumSet.of(DispatcherType.REQUEST), false, "/ws/*", "/connect", "/yjs/*", "/hocuspocus"); // and "/ws"
    }

    private static void addServlet(ServletContext context, Routes routes) {
        ServletRegistration.Dynamic servlet = context.addServlet("tutti-routes", new RouteServlet(routes));
        servlet.setAsyncSupported(true);
        servlet.addMapping(
                Routes.ROOTS.stream().map(root -> root + "/*").toArray(String[]::new)); // and without the slash
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        try {
            if (tutti != null) {
                tutti.stop(STOP_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            DocumentStores.deregisterDrivers();
        }
    }
}
