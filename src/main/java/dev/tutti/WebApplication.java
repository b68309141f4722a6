package dev.tutti;

import dev.tutti.cluster.Cluster;
import dev.tutti.cluster.ClusterOptions;
import dev.tutti.endpoint.HandshakeFilter;
import dev.tutti.endpoint.HttpSessionLogins;
import dev.tutti.event.TuttiListener;
import dev.tutti.http.AccountRoute;
import dev.tutti.http.DocumentRoutes;
import dev.tutti.http.MetricsRoute;
import dev.tutti.http.PageHeaders;
import dev.tutti.http.RouteServlet;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Limits;
import dev.tutti.policy.PolicyPermissions;
import dev.tutti.security.AccessPolicy;
import dev.tutti.security.Gate;
import dev.tutti.settings.SettingSource;
import dev.tutti.settings.Settings;
import dev.tutti.settings.SettingsReader;
import dev.tutti.store.DocumentStores;
import dev.tutti.store.StoreOptions;
import dev.tutti.webhook.WebhookTarget;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Starts and stops the application with its servlet context. A setting is taken from the context parameter {@code
 * tutti.max-message-bytes}, else from the environment variable {@code TUTTI_MAX_MESSAGE_BYTES}, else from the file that {@code tutti.config} names,
 * else its default.
 *
 * <p>A container calls it twice, each time on an object of its own: as an initializer before any listener, so that an application's own
 * listeners find {@link Tutti#current()}; and as a listener, which stops the application. The listener also starts it if no initializer
 * ran: a container may look for initializers in libraries only, although no tested one does.
 */
@WebListener
public final class WebApplication implements ServletContainerInitializer, ServletContextListener {
    private static final Logger LOG = System.getLogger(WebApplication.class.getName());

    /** The attribute of the servlet context that holds the running application. */
    private static final String ATTRIBUTE = Tutti.class.getName();

    /** The attribute of the servlet context that holds the permissions. */
    private static final String PERMISSIONS = PolicyPermissions.class.getName();

    /** The attribute of the servlet context that holds the settings of a drain. */
    private static final String DRAIN = Drain.Options.class.getName();

    /** How long clients leave at most while the container undeploys: it and other applications wait. */
    private static final int UNDEPLOY_SECONDS = 1;

    /** How long a stop waits for the close frames of all sessions. */
    private static final long STOP_MILLIS = 1_000;

    @Override
    public void onStartup(@Nullable Set<Class<?>> classes, ServletContext context) {
        start(context);
    }

    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        if (context.getAttribute(ATTRIBUTE) == null) {
            start(context);
        }
        usePolicy(context);
        addBeans(context);
    }

    /** Asks the policy that is a bean of the application, if there is one. Initializers may run before CDI has started, listeners do not. */
    private static void usePolicy(ServletContext context) {
        if (context.getAttribute(PERMISSIONS) instanceof PolicyPermissions permissions && !permissions.hasPolicy()) {
            AccessPolicy bean =
                    ApplicationServices.only(AccessPolicy.class, ApplicationServices.byCdi(AccessPolicy.class));
            if (bean != null) {
                permissions.use(bean);
            }
        }
    }

    /** Adds the listeners and the registries of metrics that are beans of the application. */
    private static void addBeans(ServletContext context) {
        if (context.getAttribute(ATTRIBUTE) instanceof Tutti tutti) {
            ApplicationServices.byCdi(TuttiListener.class).forEach(tutti::addListener);
            tutti.meters().addToAll(ApplicationServices::byCdi);
        }
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        try {
            ServletContext context = event.getServletContext();
            if (context.getAttribute(ATTRIBUTE) instanceof Tutti tutti) {
                if (context.getAttribute(DRAIN) instanceof Drain.Options options) {
                    drain(tutti, options);
                }
                tutti.stop(STOP_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            DocumentStores.deregisterDrivers();
            RecordMethods.forget();
        }
    }

    /** Lets the clients leave one by one, without a grace: the container sends no more requests anyway. */
    private static void drain(Tutti tutti, Drain.Options options) throws InterruptedException {
        int seconds = Math.min(UNDEPLOY_SECONDS, options.drainSeconds());
        try {
            tutti.parts()
                    .drain()
                    .begin(new Drain.Options(seconds, 0))
                    .toCompletableFuture()
                    .get(2 * UNDEPLOY_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            LOG.log(Level.DEBUG, "some clients have not left in time", e);
        } catch (ExecutionException e) {
            throw new AssertionError("a drain does not fail", e);
        }
    }

    private static void start(ServletContext context) {
        SettingsReader settings = settings(context);
        Supplier<Gate> checkedGate = settings.build(AccessSettings::gate);
        Supplier<PolicyPermissions> checkedPermissions = settings.build(AccessSettings::permissions);
        Supplier<Optional<WebhookTarget>> webhooks = settings.build(WebhookTarget::of);
        Supplier<ClusterOptions> cluster = settings.build(Cluster::options);
        settings.check();
        settings.warnings().forEach(warning -> LOG.log(Level.WARNING, warning));
        UnaryOperator<@Nullable String> lookup = settings.lookup();
        Gate gate = checkedGate.get();
        StoreOptions storeOptions = Settings.read(StoreOptions.class, StoreOptions.inContainer(lookup));
        DocumentRoutes.Options routeOptions = Settings.read(DocumentRoutes.Options.class, lookup);
        AccountRoute.Options accounts = Settings.read(AccountRoute.Options.class, lookup);
        MetricsRoute.Options metrics = Settings.read(MetricsRoute.Options.class, lookup);
        Drain.Options drain = Settings.read(Drain.Options.class, lookup);
        if (storeOptions.isMemory()) {
            LOG.log(
                    Level.INFO,
                    "documents are in memory only: the context parameters tutti.data and tutti.database keep them");
        }
        PolicyPermissions permissions = checkedPermissions.get();
        Tutti tutti = Tutti.start(
                Settings.read(Limits.class, StoreOptions.withLongHistories(lookup)),
                gate,
                permissions,
                storeOptions,
                cluster.get());
        Parts parts = tutti.parts();
        webhooks.get().ifPresent(target -> parts.sendWebhooks(target, storeOptions.directory()));
        context.setAttribute(ATTRIBUTE, tutti);
        context.setAttribute(PERMISSIONS, permissions);
        context.setAttribute(DRAIN, drain);
        context.setAttribute(PageHeaders.GATE, gate);
        LOG.log(Level.INFO, gate.summary());
        HttpSessionLogins logins = new HttpSessionLogins();
        context.addListener(logins);
        addFilter(context, new HandshakeFilter(gate, parts.hub(), parts.pendingCloses(), logins));
        new RouteServlet(parts.routes(routeOptions, accounts, drain, metrics)).addTo(context);
    }

    /** Returns the settings of the context, then of the environment, which belongs to other applications too. */
    private static SettingsReader settings(ServletContext context) {
        Map<String, String> parameters = new HashMap<>();
        for (String name : Collections.list(context.getInitParameterNames())) {
            parameters.put(name, context.getInitParameter(name));
        }
        return new SettingsReader(
                List.of(SettingSource.contextParameters(parameters), SettingSource.sharedEnvironment(System.getenv())),
                AllSettings.TYPES,
                List.of());
    }

    private static void addFilter(ServletContext context, HandshakeFilter handshakes) {
        FilterRegistration.Dynamic filter = context.addFilter("tutti-handshake", handshakes);
        filter.setAsyncSupported(true);
        filter.addMappingForUrlPatterns(
                EnumSet.of(DispatcherType.REQUEST), false, "/ws/*", "/connect", "/yjs/*", "/hocuspocus"); // and "/ws"
    }
}
