package dev.tutti.standalone;

import dev.tutti.http.BrowserSafety;
import dev.tutti.security.ForbiddenException;
import dev.tutti.security.Gate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.glassfish.grizzly.http.Method;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Serves the web pages from memory, where the start puts them. A request only looks up its path, so no path can reach other files;
 * WEB-INF and META-INF are not loaded. Safe for any thread after {@link #of}.
 */
final class WebPages extends HttpHandler {
    private static final String PLAIN = "text/plain;charset=utf-8";

    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", "text/html;charset=utf-8"),
            Map.entry("css", "text/css;charset=utf-8"),
            Map.entry("js", "text/javascript;charset=utf-8"),
            Map.entry("json", "application/json"),
            Map.entry("webmanifest", "application/manifest+json"),
            Map.entry("map", "application/json"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("png", "image/png"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("txt", PLAIN),
            Map.entry("ts", PLAIN),
            Map.entry("woff2", "font/woff2"));

    /** A page, which is compressed when a client first asks for it: at the start that would take longer than all the rest of this class. */
    private static final class Page {
        private final String type;
        private final String tag;
        private final byte[] plain;
        private volatile byte @Nullable [] gzipped;

        Page(String type, byte[] plain) {
            CRC32 checksum = new CRC32();
            checksum.update(plain);
            this.type = type;
            this.tag = '"' + Long.toHexString(checksum.getValue()) + '-' + plain.length + '"';
            this.plain = plain;
        }

        byte[] gzipped() throws IOException {
            byte[] compressed = gzipped;
            if (compressed == null) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                    gzip.write(plain);
                }
                compressed = out.toByteArray();
                gzipped = compressed;
            }
            return compressed;
        }
    }

    private final Gate gate;
    private final Map<String, Page> pages = new HashMap<>();

    private WebPages(Gate gate) {
        this.gate = gate;
    }

    /**
     * Loads, for peers that the gate admits to pages, the pages of directories or WARs; of pages with the same path the last one wins.
     *
     * @throws IOException if a source is neither, or cannot be read
     */
    static WebPages of(List<Path> sources, Gate gate) throws IOException {
        WebPages pages = new WebPages(gate);
        for (Path source : sources) {
            try {
                if (Files.isDirectory(source)) {
                    pages.loadDirectory(source);
                } else {
                    pages.loadWar(source);
                }
            } catch (IOException e) {
                throw new IOException("cannot read the web pages in " + source + " (" + e + ")", e);
            }
        }
        return pages;
    }

    private void loadWar(Path source) throws IOException {
        try (ZipFile war = new ZipFile(source.toFile())) {
            for (ZipEntry entry : Collections.list(war.entries())) {
                String type = type("/" + entry.getName());
                if (type != null) {
                    try (InputStream content = war.getInputStream(entry)) {
                        add("/" + entry.getName(), new Page(type, content.readAllBytes()));
                    }
                }
            }
        }
    }

    private void loadDirectory(Path root) throws IOException {
        Files.walkFileTree(
                root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                        // A directory with a package.json has the sources of pages, perhaps with node_modules.
                        boolean isSource = !folder.equals(root) && Files.exists(folder.resolve("package.json"));
                        return isSource ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                        String path = "/" + root.relativize(file).toString().replace('\\', '/');
                        String type = type(path);
                        if (type != null && attributes.isRegularFile()) {
                            add(path, new Page(type, Files.readAllBytes(file)));
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /** Returns the media type of a page; null if the file is none. */
    private static @Nullable String type(String path) {
        return path.startsWith("/WEB-INF/") || path.startsWith("/META-INF/")
                ? null
                : TYPES.get(path.substring(path.lastIndexOf('.') + 1));
    }

    private void add(String path, Page page) {
        pages.put(path, page);
        if (path.endsWith("/index.html")) {
            pages.put(path.substring(0, path.length() - "index.html".length()), page);
        }
    }

    @Override
    public void service(Request request, Response response) throws IOException {
        Method method = request.getMethod();
        if (method != Method.GET && method != Method.HEAD) {
            response.setHeader("Allow", "GET, HEAD");
            Responses.send(response, 405, PLAIN, "allowed methods: GET, HEAD");
            return;
        }
        try {
            gate.admitToPages(RouteHandler.caller(request));
        } catch (ForbiddenException e) {
            Responses.send(response, 403, PLAIN, e.reason());
            return;
        }
        Page page = pages.get(request.getRequestURI());
        if (page == null) {
            Responses.send(response, 404, PLAIN, "no such page");
            return;
        }
        response.setHeader("ETag", "W/" + page.tag); // weak: one tag for both encodings
        response.setHeader("Vary", "Accept-Encoding");
        BrowserSafety.HEADERS.forEach(response::setHeader);
        String known = request.getHeader("If-None-Match");
        if (known != null && known.contains(page.tag)) {
            response.setStatus(304);
            return;
        }
        response.setContentType(page.type);
        byte[] body = page.plain;
        if (acceptsGzip(request.getHeader("Accept-Encoding"))) {
            response.setHeader("Content-Encoding", "gzip");
            body = page.gzipped();
        }
        if (method == Method.GET) {
            Responses.send(response, body);
        } else {
            response.setContentLength(body.length);
        }
    }

    private static boolean acceptsGzip(@Nullable String encodings) {
        return encodings != null && encodings.contains("gzip") && !encodings.contains("gzip;q=0");
    }
}
