package dev.tutti.conformance;

class Tomcat10IT extends ConformanceSuite {
    Tomcat10IT() {
        super(new TomcatServer(ContainerServer.property("tutti.tomcat10.version"), ""));
    }
}
