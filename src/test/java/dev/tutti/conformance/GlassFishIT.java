package dev.tutti.conformance;

class GlassFishIT extends ConformanceSuite {
    GlassFishIT() {
        super(new GlassFishServer("/tutti"));
    }
}
