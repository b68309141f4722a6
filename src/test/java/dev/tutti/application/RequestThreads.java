package dev.tutti.application;

import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;
import jakarta.servlet.annotation.WebListener;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** Another application in the same WAR: {@code GET} returns the names of the threads on which requests have ended. */
@WebListener
@WebServlet(urlPatterns = "/threads")
public class RequestThreads extends HttpServlet implements ServletRequestListener {
    private static final long serialVersionUID = 1;

    /** A container has one object as the listener, and another as the servlet. */
    @SuppressWarnings("unchecked")
    private static Set<String> names(ServletContext context) {
        synchronized (RequestThreads.class) {
            String attribute = RequestThreads.class.getName();
            if (context.getAttribute(attribute) == null) {
                context.setAttribute(attribute, new ConcurrentSkipListSet<>());
            }
            return (Set<String>) context.getAttribute(attribute);
        }
    }

    @Override
    public void requestDestroyed(ServletRequestEvent event) {
        names(event.getServletContext()).add(Thread.currentThread().getName());
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.getWriter().print(names(getServletContext()));
    }
}
