package dev.tutti.conformance;

class WildFlyIT extends ConformanceSuite {
    WildFlyIT() {
        super(new WildFlyServer(ContainerServer.property("tutti.wildfly.version"), "/tutti"));
    }
}
