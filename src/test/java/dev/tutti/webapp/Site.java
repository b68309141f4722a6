package dev.tutti.webapp;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** One server that shows the project's page, and the windows open on it. Confined to the thread of its {@link Chromium}. */
final class Site implements AutoCloseable {
    private static final String BROADCAST = "broadcast.html";

    private final Chromium chromium;
    private final List<Window> windows = new ArrayList<>();
    private final SiteServer server;

    /** Ends the server when it is closed. */
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

    /** Returns where the page connects to. */
    String socketAddress() {
        return "ws://127.0.0.1:" + server.port() + "/ws";
    }

    /** Returns a window with the broadcast page that is connected. */
    Window open() {
        return show(new Window(chromium.browser(), Device.DESKTOP_LIGHT), BROADCAST);
    }

    /** Returns a window with the start page that is connected. */
    Window openStart(Device device) {
        return show(new Window(chromium.browser(), device), "");
    }

    /** Returns a window of another person in this room. */
    Window enter(String room, Device device) {
        return show(new Window(chromium.browser(), device), "room.html#" + room);
    }

    /** Returns another window of the same person in this room. */
    Window enterAgain(String room, Window window) {
        return show(window.sibling(), "room.html#" + room);
    }

    /** Returns a window of another person with this document. */
    Window openDocument(String name, Device device) {
        return show(new Window(chromium.browser(), device), "document.html#" + name);
    }

    /** Returns a window with this document, and a route that the test can break. */
    Window openRoutedDocument(String name) {
        Window window = new Window(chromium.browser(), Device.DESKTOP_LIGHT);
        window.routeDocumentsThroughTest();
        return show(window, "document.html#" + name);
    }

    /** Returns a window with this document in a browser that lets no page keep anything. */
    Window openDocumentWithoutStorage(String name) {
        Window window = new Window(chromium.browser(), Device.DESKTOP_LIGHT);
        window.disableStorage();
        return show(window, "document.html#" + name);
    }

    /** Returns another window of the same person with this document. */
    Window openDocumentAgain(String name, Window window) {
        return show(window.sibling(), "document.html#" + name);
    }

    /** Returns a window with the list of documents. */
    Window openDocuments(Device device) {
        return openDocuments(device, page -> {});
    }

    /** Returns a window with the list of documents, whose page {@code prepare} gets before. */
    Window openDocuments(Device device, Consumer<Page> prepare) {
        Window window = new Window(chromium.browser(), device);
        windows.add(window);
        prepare.accept(window.page());
        window.page().navigate(address("documents.html"));
        return window;
    }

    /** Returns a window that is connected by a route that the test can break. */
    Window openRouted(Device device) {
        Window window = new Window(chromium.browser(), device);
        window.routeThroughTest();
        return show(window, BROADCAST);
    }

    private Window show(Window window, String page) {
        windows.add(window);
        window.open(address(page));
        return window;
    }

    String address(String page) {
        return "http://127.0.0.1:" + server.port() + "/" + page;
    }

    /** Closes a window of which nothing more is asked. */
    void close(Window window) {
        assertThat(window.browserErrors()).isEmpty();
        windows.remove(window);
        window.close();
    }

    /** Returns all windows, in the order of their opening. */
    List<Window> windows() {
        return windows;
    }

    /** Lets {@code speaker} say something, and waits until it has arrived in every window. */
    void say(Window speaker, String text) {
        speaker.write(text);
        windows.forEach(window -> window.awaitDelivered(text));
    }

    @Override
    public void close() {
        windows.forEach(Window::close);
        server.stop();
    }
}
