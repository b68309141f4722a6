/*
 * editors: a load generator for servers of Yjs documents on loopback, with y-websocket's protocol or Hocuspocus's (-h).
 *
 *   gcc -O2 -o target/editors src/bench/documents/editors.c
 *   target/editors -p 8000 -P "$SERVER_PID" -n 50 -D 1 -r 4 -d 10      50 clients type in one document, 4 updates a second each
 *   target/editors -p 8000 -P "$SERVER_PID" -n 1000 -D 1000 -u FILE    each writes an update into a document of its own
 *   target/editors -p 8000 -P "$SERVER_PID" -j 20 -u FILE              one writes an update, then 20 join one after the other
 *   target/editors -p 8000 -P "$SERVER_PID" -n 50 -D 50 -a -d 10       each waits for the confirmation of its update: the echo, or a status
 *
 * One thread with one epoll. Typed text holds its sender and time, so that each delivery to each other client is counted and timed, also
 * where the server has merged several updates. The last line states the server's CPU time and memory from /proc.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { BUCKETS = 1 << 16 /* of 100 µs */, MARK = 18 /* @, who, when */ };

struct client {
    int fd, index, upgraded, synced;
    uint8_t *in;
    uint32_t len, capacity, clock;
    uint64_t next; /* when it types next, in ns */
    uint64_t since; /* when it typed the unconfirmed text */
};

static struct client *clients;
static int n = 50, documents = 1, port = 8000, pid, joins, hocuspocus, acknowledged, measuring, synced, closed, epoll;
static double rate = 4, seconds = 10, warmup = 3;
static uint64_t heard, sent, blocked, bytes, latency[BUCKETS];
static uint8_t *update;
static size_t update_length;
static const char *prefix = "bench";

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what) {
    fprintf(stderr, "editors: %s: %s\n", what, strerror(errno));
    exit(2);
}

static int name(const struct client *c, char *to) { return sprintf(to, "%s-%d", prefix, c->index % documents); }

static uint8_t *varuint(uint8_t *to, uint64_t value) {
    for (; value > 127; value >>= 7) *to++ = 0x80 | (value & 127);
    *to++ = value;
    return to;
}

/* Sends one masked binary frame; returns false, and sends nothing, if the socket is full. */
static int say(struct client *c, const uint8_t *message, size_t length) {
    static uint8_t frame[8 << 20];
    size_t at = 0;
    uint8_t head[200], *end = head;
    if (hocuspocus) {
        char document[64];
        int l = name(c, document);
        end = varuint(end, l);
        memcpy(end, document, l);
        end += l;
    }
    size_t all = length + (end - head);
    frame[at++] = 0x82;
    if (all < 126) {
        frame[at++] = 0x80 | all;
    } else if (all < 65536) {
        frame[at++] = 0x80 | 126;
        frame[at++] = all >> 8;
        frame[at++] = all;
    } else {
        frame[at++] = 0x80 | 127;
        for (int shift = 56; shift >= 0; shift -= 8) frame[at++] = (uint64_t)all >> shift;
    }
    memset(frame + at, 0, 4); /* a mask of zeroes */
    at += 4;
    memcpy(frame + at, head, end - head);
    at += end - head;
    memcpy(frame + at, message, length);
    at += length;
    for (size_t done = 0; done < at;) {
        ssize_t wrote = write(c->fd, frame + done, at - done);
        if (wrote < 0 && errno == EAGAIN) {
            if (!done) return 0;
            usleep(100);
        } else if (wrote < 0) {
            return 0;
        } else {
            done += wrote;
        }
    }
    return 1;
}

static void type(struct client *c, uint64_t time) {
    uint8_t change[128], message[160], *to = change;
    uint32_t id = 1000 + c->index;
    *to++ = 1;
    *to++ = 1;
    to = varuint(to, id);
    to = varuint(to, c->clock);
    if (!c->clock) {
        memcpy(to, "\x04\x01\x01t", 4);
        to += 4;
    } else {
        *to++ = 0x84;
        to = varuint(to, id);
        to = varuint(to, c->clock - 1);
    }
    to = varuint(to, MARK);
    to += sprintf((char *)to, "@%04d%013llu", c->index, (unsigned long long)(time / 1000));
    *to++ = 0;
    uint8_t *m = message;
    *m++ = 0;
    *m++ = 2;
    m = varuint(m, to - change);
    memcpy(m, change, to - change);
    m += to - change;
    if (say(c, message, m - message)) {
        c->clock += MARK;
        sent += measuring;
    } else {
        blocked += measuring;
    }
}

static void tell_update(struct client *c) {
    uint8_t *message = malloc(update_length + 16), *m = message;
    *m++ = 0;
    *m++ = 2;
    m = varuint(m, update_length);
    memcpy(m, update, update_length);
    if (!say(c, message, m - message + update_length)) die("the update was not sent");
    free(message);
}

static void confirmed(struct client *c, uint64_t time) {
    if (measuring && c->since) {
        heard++;
        uint64_t bucket = (time - c->since) / 100000;
        latency[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
    }
    c->since = now();
    type(c, c->since);
}

static void greet(struct client *c) {
    if (hocuspocus) say(c, (uint8_t *)"\2\0\0", 3); /* a token */
    say(c, (uint8_t *)"\0\0\1\0", 4);               /* step 1: all */
}

static void hear(struct client *c, const uint8_t *message, size_t length, uint64_t time) {
    if (hocuspocus) {
        size_t skip = 1 + message[0];
        message += skip;
        length -= skip;
    }
    if (acknowledged && hocuspocus && message[0] == 8 && c->since) confirmed(c, time);
    if (length < 2 || message[0] > 4 || message[0] == 1 || message[0] == 2) return;
    if (message[1] == 0) {
        say(c, (uint8_t *)"\0\1\2\0\0", 5); /* step 2: nothing */
    } else if (message[1] == 1) {
        synced += !c->synced;
        c->synced = 1;
    } else if (acknowledged) {
        char own[8];
        sprintf(own, "@%04d", c->index);
        if (!hocuspocus && memmem(message, length, own, 5)) confirmed(c, time);
    } else if (measuring) {
        const uint8_t *end = message + length, *at = message;
        while ((at = memchr(at, '@', end - at)) && end - at >= MARK) {
            int who = -1;
            unsigned long long micros = 0;
            char text[MARK + 1] = {0};
            memcpy(text, at, MARK);
            at++;
            if (sscanf(text, "@%4d%13llu", &who, &micros) != 2 || who == c->index) continue;
            heard++;
            uint64_t bucket = (time / 1000 - micros) / 100;
            latency[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
        }
    }
}

static void receive(struct client *c) {
    if (c->capacity - c->len < 65536) {
        c->capacity = 2 * c->capacity + 65536;
        c->in = realloc(c->in, c->capacity);
    }
    ssize_t got = read(c->fd, c->in + c->len, c->capacity - c->len);
    if (got <= 0) {
        if (got < 0 && errno == EAGAIN) return;
        close(c->fd);
        c->fd = -1;
        closed++;
        return;
    }
    c->len += got;
    if (measuring) bytes += got;
    uint64_t time = now();
    uint32_t at = 0;
    if (!c->upgraded) {
        uint8_t *end = memmem(c->in, c->len, "\r\n\r\n", 4);
        if (!end) return;
        if (memcmp(c->in, "HTTP/1.1 101", 12)) {
            fprintf(stderr, "editors: %.*s\n", 40, c->in);
            exit(2);
        }
        at = end + 4 - c->in;
        c->upgraded = 1;
        greet(c);
    }
    while (c->len - at >= 2) {
        uint8_t *frame = c->in + at;
        uint64_t length = frame[1] & 127;
        uint32_t header = length < 126 ? 2 : length == 126 ? 4 : 10;
        if (c->len - at < header) break;
        if (header == 4) length = frame[2] << 8 | frame[3];
        if (header == 10) length = (uint64_t)frame[6] << 24 | frame[7] << 16 | frame[8] << 8 | frame[9];
        if (c->len - at < header + length) break;
        if ((frame[0] & 15) == 2) hear(c, frame + header, length, time);
        else if ((frame[0] & 15) == 9) { uint8_t pong[] = {0x8a, 0x80, 0, 0, 0, 0}; if (write(c->fd, pong, 6) != 6) die("pong"); }
        at += header + length;
    }
    c->len -= at;
    memmove(c->in, c->in + at, c->len);
}

static void open_client(struct client *c, int index) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    c->index = index;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address)) die("connect");
    int on = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    char document[64], request[512];
    name(c, document);
    int length = sprintf(request,
                         "GET %s%s HTTP/1.1\r\nHost: localhost:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                         hocuspocus ? "/hocuspocus" : "/yjs/", hocuspocus ? "" : document, port);
    if (write(c->fd, request, length) < 0) die("write");
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e);
}

static void turn(int millis) {
    struct epoll_event events[256];
    int ready = epoll_wait(epoll, events, 256, millis);
    for (int i = 0; i < ready; i++) receive(events[i].data.ptr);
}

static double cpu(void) {
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f)) return 0;
    fclose(f);
    unsigned long user = 0, system = 0;
    sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

static double resident_mb(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *f = fopen(path, "r");
    long pages = 0;
    if (!f || fscanf(f, "%*d %ld", &pages) != 1) return 0;
    fclose(f);
    return pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

static double percentile(double p) {
    uint64_t left = heard * p;
    for (int i = 0; i < BUCKETS; i++) {
        if (latency[i] > left) return i / 10.0;
        left -= latency[i];
    }
    return BUCKETS / 10.0;
}

static void settle(void) { /* until no frame arrives for half a second */
    for (uint64_t quiet = now(); now() - quiet < 500000000;) {
        struct epoll_event e;
        if (epoll_wait(epoll, &e, 1, 10) > 0) {
            receive(e.data.ptr);
            quiet = now();
        }
    }
}

static int by_time(const void *a, const void *b) { return *(double *)a < *(double *)b ? -1 : 1; }

static int join(void) {
    struct client *first = &clients[0];
    open_client(first, 0);
    while (!first->synced) turn(10);
    tell_update(first);
    settle();
    sleep(2); /* compilers and collectors come to rest */
    double *times = calloc(joins, sizeof *times), before = cpu();
    size_t content = 0;
    for (int i = 1; i <= joins; i++) {
        struct client *c = &clients[1];
        memset(c, 0, sizeof *c);
        uint64_t start = now();
        bytes = 0;
        measuring = 1;
        open_client(c, 0);
        while (!c->synced) turn(10);
        times[i - 1] = (now() - start) / 1e6;
        measuring = 0;
        content = bytes;
        close(c->fd);
        free(c->in);
        settle();
    }
    double used = cpu() - before;
    qsort(times, joins, sizeof *times, by_time);
    printf("joins=%d content_kB=%.0f p50=%.1fms max=%.1fms server_cpu=%.1f ms/join\n", joins, content / 1e3, times[joins / 2],
           times[joins - 1], used * 1e3 / joins);
    return 0;
}

int main(int argc, char **argv) {
    const char *file = NULL;
    for (int o; (o = getopt(argc, argv, "p:n:D:r:d:w:P:j:u:hx:a")) != -1;) {
        if (o == 'p') port = atoi(optarg);
        else if (o == 'n') n = atoi(optarg);
        else if (o == 'D') documents = atoi(optarg);
        else if (o == 'r') rate = atof(optarg);
        else if (o == 'd') seconds = atof(optarg);
        else if (o == 'w') warmup = atof(optarg);
        else if (o == 'P') pid = atoi(optarg);
        else if (o == 'j') joins = atoi(optarg);
        else if (o == 'u') file = optarg;
        else if (o == 'h') hocuspocus = 1;
        else if (o == 'a') acknowledged = 1;
        else if (o == 'x') prefix = optarg;
        else return 1;
    }
    if (file) {
        FILE *f = fopen(file, "rb");
        if (!f) die(file);
        update = malloc(8 << 20);
        update_length = fread(update, 1, 8 << 20, f);
        fclose(f);
    }
    clients = calloc(n > 2 ? n : 2, sizeof *clients);
    epoll = epoll_create1(0);
    if (joins) return join();
    double empty = resident_mb();
    for (int i = 0; i < n; i++) {
        open_client(&clients[i], i);
        if (i % 50 == 49) while (synced + closed <= i - 25) turn(10);
        if (file && synced == i + 1) continue;
    }
    while (synced + closed < n) turn(10);
    if (file) {
        for (int i = 0; i < n; i++) {
            tell_update(&clients[i]);
            for (uint64_t until = now() + 5000000; now() < until;) turn(1);
        }
        settle();
        struct client *writers = clients; /* other clients replace them, so that the rest of the writing is not counted */
        clients = calloc(n, sizeof *clients);
        synced = 0;
        for (int i = 0; i < n; i++) {
            open_client(&clients[i], i);
            while (synced + closed <= i) turn(10);
            close(writers[i].fd);
        }
        settle();
        printf("documents=%d update_kB=%.0f closed=%d empty_MB=%.0f resident_MB=%.0f\n", documents, update_length / 1e3, closed,
               empty, resident_mb());
        if (warmup > 0) sleep(warmup);
        printf("later resident_MB=%.0f\n", resident_mb());
        return 0;
    }
    uint64_t interval = 1e9 / rate, time = now(), start = time + warmup * 1e9, end = start + seconds * 1e9;
    double before = 0;
    if (acknowledged) {
        settle(); /* statuses of the synchronized updates */
        for (int i = 0; i < n; i++) confirmed(&clients[i], now());
    }
    for (int i = 0; i < n; i++) clients[i].next = time + (uint64_t)(rand() / (double)RAND_MAX * interval);
    while ((time = now()) < end) {
        turn(1);
        if (!measuring && time >= start) {
            measuring = 1;
            before = cpu();
        }
        for (int i = 0; i < n && !acknowledged; i++) {
            struct client *c = &clients[i];
            if (c->fd >= 0 && time >= c->next) {
                type(c, now());
                c->next += interval;
                if (c->next < time) c->next = time + interval;
            }
        }
    }
    double used = cpu() - before;
    if (acknowledged) {
        printf("writers=%d documents=%d confirmed/s=%.0f p50=%.1fms p99=%.1fms closed=%d server_cpu=%.2f cores %.1f us/update\n", n,
               documents, heard / seconds, percentile(0.5), percentile(0.99), closed, used / seconds, heard ? used * 1e6 / heard : 0);
        return closed ? 3 : 0;
    }
    double expected = (double)sent * (n / documents - 1);
    printf("clients=%d documents=%d updates/s=%.0f heard/s=%.0f delivered=%.3f blocked=%llu p50=%.1fms p99=%.1fms closed=%d "
           "MB/s=%.1f server_cpu=%.2f cores %.1f us/update resident_MB=%.0f\n",
           n, documents, sent / seconds, heard / seconds, expected ? heard / expected : 0, (unsigned long long)blocked,
           percentile(0.5), percentile(0.99), closed, bytes / seconds / 1e6, used / seconds, sent ? used * 1e6 / sent : 0,
           resident_mb());
    return closed ? 3 : 0;
}
