package dev.tutti.conformance;

class JettyIT extends ConformanceSuite {
    JettyIT() {
        super(new JettyServer(ContainerServer.property("tutti.jetty.version"), "/tutti"));
    }
}
