/**
 * Edge: HTTP without WebSocket. {@link dev.tutti.http.Routes} lists the requests and answers them, in a container through {@link
 * dev.tutti.http.RouteServlet}; {@link dev.tutti.http.PageHeaders} adds the headers of every page.
 */
@NullMarked
package dev.tutti.http;

import org.jspecify.annotations.NullMarked;
