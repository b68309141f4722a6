package dev.tutti.conformance;

class Tomcat11IT extends ConformanceSuite {
    Tomcat11IT() {
        super(new TomcatServer(ContainerServer.property("tutti.tomcat11.version"), "/tutti"));
    }
}
