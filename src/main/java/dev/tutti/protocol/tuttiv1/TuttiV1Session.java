package dev.tutti.protocol.tuttiv1;

import dev.tutti.document.StoreException;
import dev.tutti.hub.Batch;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.Limits;
import dev.tutti.hub.PausableInput;
import dev.tutti.hub.Position;
import dev.tutti.hub.Subscription;
import dev.tutti.security.Access;
import dev.tutti.security.Authenticator;
import dev.tutti.security.ForbiddenException;
import dev.tutti.security.UnauthenticatedException;
import dev.tutti.security.UnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the requests of one client of {@code tutti.v1}. Confined to the thread that calls its WebSocket session, but for a pause in which the
 * rights of the user are found out: then a thread of the hub carries out the requests that wait, as {@link PausableInput} describes.
 */
public final class TuttiV1Session {
    private static final Logger LOG = System.getLogger(TuttiV1Session.class.getName());

    /** After so many faulty requests in a row the server closes the connection. */
    private static final int MAX_FAULTS = 10;

    /** UTF-16 units of the frames that wait for the rights of the user. */
    private static final int MAX_WAITING = 1 << 20;

    private final Client client;
    private final Authenticator authenticator;
    private final PausableInput<Requests> input;
    /** The requests of a paused frame after {@link #paused}; null between two frames. */
    private @Nullable Iterator<Request> unread;
    /** The request that waits for the rights of the user; null if none does. */
    private @Nullable Request paused;
    /** No request of the same frame follows the present one. */
    private boolean isLast;
    /** Faulty requests in a row, up to now. */
    private int faults;
    /** The answers to the requests of a frame, sent together; empty between two frames. */
    private List<Frame> answers = new ArrayList<>(1);

    /** Sends the welcome. */
    public TuttiV1Session(Client client, Limits limits, Authenticator authenticator) {
        this.client = client;
        this.authenticator = authenticator;
        this.input = new PausableInput<>(client, MAX_WAITING, new Reader());
        client.send(TuttiV1.welcome(client, limits));
    }

    private final class Reader implements PausableInput.Reader<Requests> {
        @Override
        public @Nullable CompletionStage<?> read(Requests frame) {
            Iterator<Request> requests = unread == null ? frame.iterator() : unread;
            CompletionStage<?> unknown = carryOut(requests, unread == null ? frame.length() : 0);
            unread = unknown == null ? null : requests;
            sendAnswers();
            return unknown;
        }

        @Override
        public int bytesOf(Requests frame) {
            return frame.length();
        }

        @Override
        public int countsOf(Requests frame) {
            return frame.count();
        }
    }

    /**
     * Carries out the requests of a frame in their order, each apart from the others: a refused one is answered with an error. Ignores the
     * rest of a frame when the client has ended. A request that needs rights which are not known waits for them, with all later ones.
     */
    public void receive(Requests requests) {
        input.receive(requests);
    }

    /**
     * Carries out requests up to one that must wait.
     *
     * @param bytes of the frame, which count with its first request
     * @return null if all requests are done; else a stage after which to go on with {@link #paused}
     */
    private @Nullable CompletionStage<?> carryOut(Iterator<Request> requests, int bytes) {
        int uncounted = bytes;
        while (!client.hasEnded() && (paused != null || requests.hasNext())) {
            LimitBreach breach = paused == null ? input.countMessage(uncounted) : null;
            uncounted = 0;
            Request request = paused == null ? requests.next() : paused;
            isLast = !requests.hasNext();
            CompletionStage<?> unknown = carryOut(request, breach);
            paused = unknown == null ? null : request;
            if (unknown != null) {
                return unknown;
            }
            if (faults == MAX_FAULTS) {
                sendAnswers();
                client.closeFor(LimitBreach.BAD_REQUESTS);
            }
        }
        return null;
    }

    private void sendAnswers() {
        if (answers.isEmpty()) {
            return;
        }
        client.send(Batch.ofLines(answers, TuttiV1.MAX_SHARED_FRAME_BYTES));
        if (answers.size() == 1) {
            answers.clear();
        } else {
            answers = new ArrayList<>(1); // an idle connection keeps no long array
        }
    }

    /**
     * Carries out a request.
     *
     * @param breach the limit that the request exceeds; null for none
     * @return null if the request is done; else, nothing has been done, a stage after which to call this again
     */
    private @Nullable CompletionStage<?> carryOut(Request request, @Nullable LimitBreach breach) {
        try {
            if (breach != null) {
                client.count(breach);
                throw new RequestException(ErrorCode.RATE_LIMITED, breach.reason());
            }
            CompletionStage<?> unknown = carryOut(request);
            if (unknown != null) {
                return unknown;
            }
            faults = 0;
        } catch (LimitException e) {
            client.count(e.breach());
            refuse(request, ErrorCode.of(e.breach()), e.breach().reason());
        } catch (ForbiddenException e) {
            refuse(request, ErrorCode.FORBIDDEN, e.reason());
        } catch (UnavailableException e) {
            refuse(request, ErrorCode.UNAVAILABLE, e.reason());
        } catch (UnauthenticatedException e) {
            refuse(request, ErrorCode.of(e), e.reason());
        } catch (RequestException e) {
            refuse(request, e.code(), String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            client.subject().withRoom(request.room()).log(LOG, Level.ERROR, "a request failed", e);
            refuse(request, ErrorCode.INTERNAL, "the server failed");
        }
        return null;
    }

    private @Nullable CompletionStage<?> carryOut(Request request) throws RequestException {
        String id = request.id();
        if (request.room() != null && client.access().identity().isUnidentified()) {
            throw UnauthenticatedException.needsToken("a token is needed: authenticate first");
        }
        if (request instanceof Request.Publish publish) {
            publish(publish);
        } else if (request instanceof Request.State state) {
            subscription(state.room()).setState(state.state());
            if (id != null) {
                answers.add(TuttiV1.ok(id));
            }
        } else if (request instanceof Request.Join join) {
            return join(join);
        } else if (request instanceof Request.Leave leave) {
            sendAnswers(); // nothing of the room follows the answer, which comes from another thread
            if (!client.memberships().leave(leave.room(), () -> TuttiV1.ok(leave.id()))) {
                throw notJoined();
            }
        } else if (request instanceof Request.Members members) {
            subscription(members.room()).members(found -> TuttiV1.members(members.id(), members.room(), found));
        } else if (request instanceof Request.History history) {
            history(history);
        } else if (request instanceof Request.Authenticate token) {
            return authenticate(
                    token.id(),
                    authenticator.ofToken(token.token(), client.usage().addressKey()));
        } else if (request instanceof Request.Guest guest) {
            return authenticate(
                    guest.id(), authenticator.of(client.access().identity().withGuestSecret(guest.secret())));
        } else if (request instanceof Request.Ping ping) {
            answers.add(TuttiV1.ok(ping.id()));
        } else if (request instanceof Request.Bad bad) {
            throw new RequestException(bad.code(), bad.message());
        } else if (request instanceof Request.TooLarge large) {
            client.close(CloseCode.TOO_LARGE, large.message());
        }
        return null;
    }

    private @Nullable CompletionStage<?> authenticate(String id, Access access) throws RequestException {
        CompletionStage<?> unknown = client.memberships().prepareRights(access);
        if (unknown != null) {
            return unknown;
        }
        sendAnswers(); // those about a room that the client must leave precede its end, which comes from another thread
        if (!client.authentication().replace(access)) {
            throw new RequestException(
                    ErrorCode.BAD_REQUEST, "a connection has one user, and authenticates before it joins rooms");
        }
        answers.add(TuttiV1.ok(id, client.user(), access.identity().expiresAt()));
        return null;
    }

    /** Publishes, and answers when the room's log has stored the publication. */
    private void publish(Request.Publish publish) throws RequestException {
        Subscription subscription = subscription(publish.room());
        CompletionStage<Position> stored = subscription.publish(publish.data(), publish.key(), isLast);
        boolean isStored = stored.toCompletableFuture().isDone();
        stored.whenComplete((position, failure) -> {
            Frame answer = answer(publish, position, failure);
            if (answer != null && isStored) {
                answers.add(answer);
            } else if (answer != null) {
                client.send(answer); // on a thread of the log
            }
        });
    }

    private @Nullable Frame answer(Request.Publish publish, Position position, @Nullable Throwable failure) {
        String id = publish.id();
        if (failure != null) {
            return failed(publish, StoreException.causeOf(failure));
        }
        return id == null ? null : TuttiV1.ok(id, position);
    }

    private Frame failed(Request.Publish publish, Throwable failure) {
        String id = publish.id();
        if (failure instanceof UnavailableException e) {
            return TuttiV1.error(id, ErrorCode.UNAVAILABLE, e.reason(), publish.room());
        }
        client.subject().withRoom(publish.room()).log(LOG, Level.ERROR, "publishing failed", failure);
        return TuttiV1.error(id, ErrorCode.INTERNAL, "the server failed", publish.room());
    }

    private @Nullable CompletionStage<?> join(Request.Join join) throws RequestException {
        String room = join.room();
        CompletionStage<?> unprepared = client.memberships().prepareJoin(room, join.since());
        if (unprepared != null) {
            return unprepared;
        }
        sendAnswers(); // errors about the room precede the answer, which comes from another thread
        if (!client.memberships()
                .join(room, join.since(), join.state(), found -> TuttiV1.joined(join.id(), room, found))) {
            throw new RequestException(ErrorCode.BAD_REQUEST, "this client is in this room already");
        }
        return null;
    }

    private void history(Request.History history) throws RequestException {
        Subscription subscription = subscription(history.room());
        if (history.since() != null) {
            subscription.since(
                    history.since(), history.limit(), page -> TuttiV1.history(history.id(), history.room(), page));
        } else if (history.before() != null) {
            subscription.before(
                    history.before(), history.limit(), page -> TuttiV1.history(history.id(), history.room(), page));
        } else {
            subscription.latest(history.limit(), page -> TuttiV1.history(history.id(), history.room(), page));
        }
    }

    private Subscription subscription(String room) throws RequestException {
        Subscription subscription = client.memberships().get(room);
        if (subscription == null) {
            throw notJoined();
        }
        return subscription;
    }

    private static RequestException notJoined() {
        return new RequestException(ErrorCode.NOT_JOINED, "this client is not in this room");
    }

    private void refuse(Request request, ErrorCode code, String message) {
        faults = code.isClientsFault() ? faults + 1 : 0;
        answers.add(TuttiV1.error(request.id(), code, message, request.room()));
    }
}
