package dev.tutti.conformance;

class LibertyIT extends ConformanceSuite {
    LibertyIT() {
        super(new LibertyServer("/tutti"));
    }
}
