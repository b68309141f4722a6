package dev.tutti;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.tutti.security.Action;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Resource;

/** The direction of dependencies between packages: edges → protocols → core → leaves. */
@AnalyzeClasses(packages = "dev.tutti", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule EDGES_DEPEND_ON_THE_CORE_AND_THE_CORE_ON_LEAVES = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("standalone")
            .definedBy("dev.tutti.standalone..")
            .layer("http")
            .definedBy("dev.tutti.http..")
            .layer("endpoint")
            .definedBy("dev.tutti.endpoint..")
            .layer("protocol")
            .definedBy("dev.tutti.protocol..")
            .layer("store")
            .definedBy("dev.tutti.store..")
            .layer("token")
            .definedBy("dev.tutti.token..")
            .layer("policy")
            .definedBy("dev.tutti.policy..")
            .layer("cdi")
            .definedBy("dev.tutti.cdi..")
            .layer("webhook")
            .definedBy("dev.tutti.webhook..")
            .layer("cluster")
            .definedBy("dev.tutti.cluster..")
            .layer("remote")
            .definedBy("dev.tutti.remote..")
            .layer("metrics")
            .definedBy("dev.tutti.metrics..")
            .layer("application")
            .definedBy("dev.tutti")
            .layer("security")
            .definedBy("dev.tutti.security..")
            .layer("hub")
            .definedBy("dev.tutti.hub..")
            .layer("document")
            .definedBy("dev.tutti.document..")
            .layer("history")
            .definedBy("dev.tutti.history..")
            .layer("health")
            .definedBy("dev.tutti.health..")
            .layer("statistics")
            .definedBy("dev.tutti.statistics..")
            .layer("settings")
            .definedBy("dev.tutti.settings..")
            .layer("yjs")
            .definedBy("dev.tutti.yjs..")
            .whereLayer("standalone")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("http")
            .mayOnlyBeAccessedByLayers("application", "standalone")
            .whereLayer("endpoint")
            .mayOnlyBeAccessedByLayers("application", "standalone")
            .whereLayer("protocol")
            .mayOnlyBeAccessedByLayers("application", "endpoint", "http", "webhook")
            .whereLayer("store")
            .mayOnlyBeAccessedByLayers("application", "standalone")
            .whereLayer("token")
            .mayOnlyBeAccessedByLayers("application")
            .whereLayer("policy")
            .mayOnlyBeAccessedByLayers("application")
            .whereLayer("cdi")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("webhook")
            .mayOnlyBeAccessedByLayers("application", "standalone", "metrics")
            .whereLayer("cluster")
            .mayOnlyBeAccessedByLayers("application", "standalone", "metrics")
            .whereLayer("remote")
            .mayOnlyBeAccessedByLayers("token", "policy", "webhook")
            .whereLayer("metrics")
            .mayOnlyBeAccessedByLayers("application", "standalone")
            .whereLayer("application")
            .mayOnlyBeAccessedByLayers("standalone", "cdi")
            .whereLayer("document")
            .mayOnlyBeAccessedByLayers(
                    "application",
                    "endpoint",
                    "protocol",
                    "standalone",
                    "http",
                    "store",
                    "metrics",
                    "health",
                    "statistics",
                    "history",
                    "cluster")
            .whereLayer("history")
            .mayOnlyBeAccessedByLayers("application")
            .whereLayer("health")
            .mayOnlyBeAccessedByLayers("application", "http")
            .whereLayer("statistics")
            .mayOnlyBeAccessedByLayers("application", "http", "metrics")
            .whereLayer("security")
            .mayOnlyBeAccessedByLayers(
                    "application",
                    "standalone",
                    "endpoint",
                    "protocol",
                    "http",
                    "hub",
                    "document",
                    "history",
                    "token",
                    "policy",
                    "metrics",
                    "webhook",
                    "cluster");

    /** So no protocol and no endpoint can go around a right, or forget to ask for it. */
    @ArchTest
    static final ArchRule ROOMS_DOCUMENTS_AND_HTTP_ASK_FOR_RIGHTS = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "dev.tutti.hub..",
                    "dev.tutti.document..",
                    "dev.tutti.http..",
                    "dev.tutti.security..",
                    "dev.tutti.policy..")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("dev\\.tutti\\.security\\.(Rights|Action|Resource)")
            .orShould()
            .callMethod(Permissions.class, "allow", Identity.class, Action.class, Resource.class);

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.tutti.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_CORE_DOES_NOT_USE_THE_NETWORK = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.tutti.hub..",
                    "dev.tutti.document..",
                    "dev.tutti.history..",
                    "dev.tutti.health..",
                    "dev.tutti.statistics..",
                    "dev.tutti.settings..",
                    "dev.tutti.security..",
                    "dev.tutti.event..",
                    "dev.tutti.yjs..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta..", "org.glassfish..", "java.net.http..", "java.nio.channels..");

    @ArchTest
    static final ArchRule TYRUS_AND_GRIZZLY_STAY_IN_STANDALONE = noClasses()
            .that()
            .resideOutsideOfPackage("dev.tutti.standalone..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.glassfish..");

    /** A container without CDI has not even its API. */
    @ArchTest
    static final ArchRule CDI_STAYS_IN_ITS_PACKAGE = noClasses()
            .that()
            .resideOutsideOfPackage("dev.tutti.cdi..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta.enterprise..", "jakarta.inject..");

    @ArchTest
    static final ArchRule DATABASES_STAY_IN_THE_STORE = noClasses()
            .that()
            .resideOutsideOfPackage("dev.tutti.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.h2..", "org.postgresql..", "com.zaxxer..", "java.sql..", "javax.sql..");

    @ArchTest
    static final ArchRule THE_LIBRARY_OF_TOKENS_STAYS_IN_ITS_PACKAGE = noClasses()
            .that()
            .resideOutsideOfPackage("dev.tutti.token..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.nimbusds..");

    /** The WAR need not have it, and nothing of it is loaded without the setting. */
    @ArchTest
    static final ArchRule THE_CLIENT_FOR_REDIS_STAYS_IN_ITS_CLASSES = noClasses()
            .that()
            .haveNameNotMatching("dev\\.tutti\\.cluster\\.Lettuce.*")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.lettuce..", "io.netty..", "reactor..");

    @ArchTest
    static final ArchRule MICROMETER_STAYS_IN_METRICS = noClasses()
            .that()
            .resideOutsideOfPackage("dev.tutti.metrics..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.micrometer..", "io.prometheus..");

    @ArchTest
    static final ArchRule THE_STORE_DEPENDS_ON_DOCUMENTS_ONLY = noClasses()
            .that()
            .resideInAPackage("dev.tutti.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.tutti",
                    "dev.tutti.hub..",
                    "dev.tutti.history..",
                    "dev.tutti.yjs..",
                    "dev.tutti.security..",
                    "jakarta..");

    @ArchTest
    static final ArchRule STORES_KNOW_THE_QUEUE_AND_NOT_EACH_OTHER = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("store")
            .definedBy("dev.tutti.store")
            .layer("file")
            .definedBy("dev.tutti.store.file..")
            .layer("postgres")
            .definedBy("dev.tutti.store.postgres..")
            .layer("queue")
            .definedBy("dev.tutti.store.queue..")
            .whereLayer("store")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("file")
            .mayOnlyBeAccessedByLayers("store")
            .whereLayer("postgres")
            .mayOnlyBeAccessedByLayers("store")
            .whereLayer("queue")
            .mayOnlyBeAccessedByLayers("file", "postgres");

    @ArchTest
    static final ArchRule H2_STAYS_IN_THE_FILE_STORE = noClasses()
            .that()
            .resideOutsideOfPackage("dev.tutti.store.file..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.h2..");

    @ArchTest
    static final ArchRule YJS_DEPENDS_ON_THE_JDK_ONLY = classes()
            .that()
            .resideInAPackage("dev.tutti.yjs..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "dev.tutti.yjs..");

    @ArchTest
    static final ArchRule THE_LOG_DEPENDS_ON_THE_JDK_ONLY = classes()
            .that()
            .resideInAPackage("dev.tutti.log..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "dev.tutti.log..");

    @ArchTest
    static final ArchRule THE_LAUNCHER_DEPENDS_ON_THE_JDK_ONLY = classes()
            .that()
            .resideInAPackage("dev.tutti.launcher..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "dev.tutti.launcher..");
}
