package dev.tutti.webapp;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** One server with the project's pages, and the browser windows open on it. Confined to the thread of its {@link Chromium}. */
final class Site implements AutoCloseable {
    private static final String BROADCAST = "broadcast.html";

    private final Chromium chromium;
    private final List<Window> windows = new ArrayList<>();
    private final SiteServer server;

    /** Creates a site on a running server, which {@link #close} stops. */
    Site(Chromium chromium, SiteServer server) {
        this.chromium = chromium;
        this.server = server;
    }

    void stopServer() {
        server.stop();
    }

    void startServerAgain() throws IOException {
        server.start();
    }

    /** Returns the address of the broadcast page's WebSocket. */
    String socketAddress() {
        return "ws://127.0.0.1:" + server.port() + "/ws";
    }

    /** Opens the broadcast page in a new window and waits until it is connected. */
    Window open() {
        return show(new Window(chromium.browser(), Device.DESKTOP_LIGHT), BROADCAST);
    }

    /** Opens the start page in a new window and waits until it is connected. */
    Window openStart(Device device) {
        return show(new Window(chromium.browser(), device), "");
    }

    /** Opens a room as a new user. */
    Window enter(String room, Device device) {
        return show(new Window(chromium.browser(), device), "room.html#" + room);
    }

    /** Opens a room in another window of the same user. */
    Window enterAgain(String room, Window window) {
        return show(window.sibling(), "room.html#" + room);
    }

    /** Opens a room whose connection of the board the test can interrupt. */
    Window openRoutedRoom(String room) {
        Window window = new Window(chromium.browser(), Device.DESKTOP_LIGHT);
        window.routeDocumentsThroughTest();
        return show(window, "room.html#" + room);
    }

    /** Adds a Yjs update to the board of a room. */
    void putBoard(String room, byte[] update) throws IOException, InterruptedException {
        putDocument(room + ":board", update);
    }

    /** Adds a Yjs update to a document. */
    void putDocument(String name, byte[] update) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address("api/documents/" + name)))
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofByteArray(update))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(request, BodyHandlers.ofString())
                        .statusCode())
                .isBetween(200, 204);
    }

    /** Opens a document as a new user. */
    Window openDocument(String name, Device device) {
        return show(new Window(chromium.browser(), device), "document.html#" + name);
    }

    /** Opens a document, and waits until this browser can open the pages without the server. */
    Window openDocumentOffline(String name) {
        Window window = show(Window.withPagesOffline(chromium.browser()), "document.html#" + name);
        window.awaitPagesOffline();
        return window;
    }

    /** Opens a document whose connection the test can interrupt. */
    Window openRoutedDocument(String name) {
        Window window = new Window(chromium.browser(), Device.DESKTOP_LIGHT);
        window.routeDocumentsThroughTest();
        return show(window, "document.html#" + name);
    }

    /** Opens a document in a browser without local storage. */
    Window openDocumentWithoutStorage(String name) {
        Window window = new Window(chromium.browser(), Device.DESKTOP_LIGHT);
        window.disableStorage();
        return show(window, "document.html#" + name);
    }

    /** Opens a document in another window of the same user. */
    Window openDocumentAgain(String name, Window window) {
        return show(window.sibling(), "document.html#" + name);
    }

    /** Opens the list of documents. */
    Window openDocuments(Device device) {
        return openDocuments(device, page -> {});
    }

    /** Opens the list of documents; {@code prepare} gets the page before its navigation. */
    Window openDocuments(Device device, Consumer<Page> prepare) {
        Window window = new Window(chromium.browser(), device);
        windows.add(window);
        prepare.accept(window.page());
        window.page().navigate(address("documents.html"));
        return window;
    }

    /** Opens the broadcast page with a connection that the test can interrupt. */
    Window openRouted(Device device) {
        Window window = new Window(chromium.browser(), device);
        window.routeThroughTest();
        return show(window, BROADCAST);
    }

    /** Opens a page in a new window, which may not be connected. */
    Window show(String page, Device device) {
        Window window = new Window(chromium.browser(), device);
        windows.add(window);
        window.page().navigate(address(page));
        return window;
    }

    /** Opens a page of another site in a new window; {@code prepare} gets the page before its navigation. */
    Window showElsewhere(String address, Consumer<Page> prepare) {
        Window window = new Window(chromium.browser(), Device.DESKTOP_LIGHT);
        windows.add(window);
        prepare.accept(window.page());
        window.page().navigate(address);
        return window;
    }

    private Window show(Window window, String page) {
        windows.add(window);
        window.open(address(page));
        return window;
    }

    int port() {
        return server.port();
    }

    String address(String page) {
        return "http://127.0.0.1:" + server.port() + "/" + page;
    }

    /** Closes a window, which must have no errors. */
    void close(Window window) {
        assertThat(window.browserErrors()).isEmpty();
        windows.remove(window);
        window.close();
    }

    /** Returns all windows in the order of opening. */
    List<Window> windows() {
        return windows;
    }

    /** Sends a message from a window, and waits until all windows show it. */
    void send(Window sender, String text) {
        sender.write(text);
        windows.forEach(window -> window.awaitDelivered(text));
    }

    @Override
    public void close() {
        try {
            windows.forEach(Window::close);
        } finally {
            server.stop();
        }
    }
}
