package dev.tutti.conformance;

class StandaloneIT extends ConformanceSuite {
    StandaloneIT() {
        super(new TyrusServer());
    }
}
