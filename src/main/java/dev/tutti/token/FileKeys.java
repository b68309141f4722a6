package dev.tutti.token;

import dev.tutti.settings.WatchedFile;
import java.util.concurrent.Executor;

/** The keys of a file, which change with it: a token that a removed key has signed is refused from then on. Safe for any thread. */
record FileKeys(WatchedFile<VerificationKeys> file) implements KeySource {
    @Override
    public VerificationKeys current() {
        return file.value();
    }

    @Override
    public void tick(Executor background) {
        file.check(background, () -> {});
    }
}
