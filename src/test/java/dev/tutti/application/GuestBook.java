package dev.tutti.application;

import dev.tutti.Tutti;
import dev.tutti.hub.Observation;
import dev.tutti.hub.Publication;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;

/**
 * Another application in the same WAR: it counts the publications in {@code guest-book} and publishes the count in {@code counts}. {@code
 * POST} publishes in {@code guest-book}, {@code GET} returns the number of its members.
 */
@WebServlet(urlPatterns = "/guest-book", loadOnStartup = 1)
public class GuestBook extends HttpServlet {
    private static final long serialVersionUID = 1;

    private transient Observation observation;
    private int count;

    @Override
    public void init() {
        observation = Tutti.current().observe("guest-book", this::count);
    }

    @Override
    public void destroy() {
        observation.close();
    }

    private void count(Publication publication) {
        String user = publication.from() == null
                ? "the application"
                : publication.from().user();
        Tutti.current().publish("counts", Map.of("count", ++count, "user", user));
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String key = request.getParameter("key");
        String text = request.getParameter("text");
        response.getWriter()
                .print((key == null
                                ? Tutti.current().publish("guest-book", text)
                                : Tutti.current().publish("guest-book", text, key))
                        .toCompletableFuture()
                        .join()
                        .offset());
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.getWriter().print(Tutti.current().members("guest-book").size());
    }
}
