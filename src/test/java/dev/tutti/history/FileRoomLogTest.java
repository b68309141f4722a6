package dev.tutti.history;

import dev.tutti.document.DocumentStore;
import dev.tutti.store.file.FileStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FileRoomLogTest extends StoredRoomLogContract {
    @TempDir
    Path directory;

    @Override
    DocumentStore openStore() {
        return new FileStore(directory);
    }
}
