/*
 * presence: a load generator for the presence of tutti.v1 on loopback. N clients in one room each send a new state R times a second,
 * like moving cursors.
 *
 *   gcc -O2 -o target/presence src/bench/presence.c
 *   target/presence -p 8000 -n 500 -r 20 -d 10 -P "$SERVER_PID"
 *
 * One thread with one epoll. A state holds its send time, so that each delivery is timed. States that nobody received were merged by
 * the server. The last line states the server's CPU time from /proc, and the CPU that other processes used.
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

enum { BUFFER = 1 << 20, BUCKETS = 1 << 16 /* of 100 µs */ };

struct client {
    int fd, upgraded, joined;
    uint8_t *in;
    uint32_t len;
    uint64_t next; /* when it sends its next state, in ns */
};

static struct client *clients;
static int n = 500, port = 8000, pid, measuring, joined, closed;
static double rate = 20, seconds = 10, warmup = 4;
static uint64_t heard, sent, bytes, latency[BUCKETS];

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what) {
    fprintf(stderr, "presence: %s: %s\n", what, strerror(errno));
    exit(2);
}

/* Sends one masked text frame; a client with a full socket skips it. */
static void say(struct client *c, const char *text, int length) {
    uint8_t frame[512];
    int at = 0;
    frame[at++] = 0x81;
    if (length < 126) {
        frame[at++] = 0x80 | length;
    } else {
        frame[at++] = 0x80 | 126;
        frame[at++] = length >> 8;
        frame[at++] = length;
    }
    memset(frame + at, 0, 4); /* a mask of zeroes */
    at += 4;
    memcpy(frame + at, text, length);
    at += length;
    if (write(c->fd, frame, at) == at) sent += measuring;
}

static void show(struct client *c, uint64_t time) {
    char text[256];
    int length = snprintf(text, sizeof text,
                          "{\"type\":\"state\",\"room\":\"p\",\"state\":{\"name\":\"n%d\",\"x\":%d,\"y\":%d,\"t\":%llu}}",
                          (int)(c - clients), rand() % 1000, rand() % 1000, (unsigned long long)(time / 1000));
    say(c, text, length);
}

/* Takes one message: one line of a frame. */
static void hear(struct client *c, const char *text, size_t length, uint64_t time) {
    if (length > 18 && !memcmp(text, "{\"type\":\"presence\"", 18)) {
        if (!measuring) return;
        heard++;
        const char *t = memmem(text, length, "\"t\":", 4);
        uint64_t micros = t ? strtoull(t + 4, NULL, 10) : 0;
        uint64_t bucket = micros ? (time / 1000 - micros) / 100 : BUCKETS - 1;
        latency[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
    } else if (length > 16 && !memcmp(text, "{\"type\":\"joined\"", 16)) {
        c->joined = 1;
        joined++;
    } else if (length > 15 && !memcmp(text, "{\"type\":\"error\"", 15)) {
        fprintf(stderr, "presence: %.*s\n", (int)length, text);
        exit(4);
    }
}

static void hear_lines(struct client *c, const char *text, size_t length, uint64_t time) {
    const char *end = text + length, *feed;
    for (; (feed = memchr(text, '\n', end - text)); text = feed + 1) hear(c, text, feed - text, time);
    hear(c, text, end - text, time);
}

static void receive(struct client *c) {
    ssize_t got = read(c->fd, c->in + c->len, BUFFER - c->len);
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
            fprintf(stderr, "presence: %.*s\n", 40, c->in);
            exit(2);
        }
        at = end + 4 - c->in;
        c->upgraded = 1;
        char join[] = "{\"type\":\"join\",\"id\":1,\"room\":\"p\"}";
        say(c, join, sizeof join - 1);
    }
    while (c->len - at >= 2) {
        uint8_t *frame = c->in + at;
        uint64_t length = frame[1] & 127;
        uint32_t header = length < 126 ? 2 : length == 126 ? 4 : 10;
        if (c->len - at < header) break;
        if (header == 4) length = frame[2] << 8 | frame[3];
        if (header == 10) length = (uint64_t)frame[6] << 24 | frame[7] << 16 | frame[8] << 8 | frame[9];
        if (c->len - at < header + length) break;
        if ((frame[0] & 15) == 1) hear_lines(c, (char *)frame + header, length, time);
        at += header + length;
    }
    c->len -= at;
    memmove(c->in, c->in + at, c->len);
}

static double cpu(int process) {
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    FILE *f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f)) return 0;
    fclose(f);
    unsigned long user = 0, system = 0;
    sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

static double percentile(double p) {
    uint64_t left = heard * p;
    for (int i = 0; i < BUCKETS; i++) {
        if (latency[i] > left) return i / 10.0;
        left -= latency[i];
    }
    return BUCKETS / 10.0;
}

int main(int argc, char **argv) {
    for (int o; (o = getopt(argc, argv, "p:n:r:d:P:")) != -1;) {
        if (o == 'p') port = atoi(optarg);
        else if (o == 'n') n = atoi(optarg);
        else if (o == 'r') rate = atof(optarg);
        else if (o == 'd') seconds = atof(optarg);
        else if (o == 'P') pid = atoi(optarg);
        else return 1;
    }
    clients = calloc(n, sizeof *clients);
    int epoll = epoll_create1(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char request[] = "GET /connect HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Protocol: tutti.v1\r\n\r\n";
    for (int i = 0; i < n; i++) {
        struct client *c = &clients[i];
        c->in = malloc(BUFFER);
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address)) die("connect");
        int on = 1;
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (write(c->fd, request, sizeof request - 1) < 0) die("write");
        fcntl(c->fd, F_SETFL, O_NONBLOCK);
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e);
    }
    uint64_t interval = 1e9 / rate, start = 0, end = 0;
    double cpu_before = 0;
    struct epoll_event events[256];
    for (;;) {
        int ready = epoll_wait(epoll, events, 256, 1);
        for (int i = 0; i < ready; i++) receive(events[i].data.ptr);
        uint64_t time = now();
        if (!start && joined + closed >= n) {
            start = time + warmup * 1e9;
            end = start + seconds * 1e9;
            for (int i = 0; i < n; i++) clients[i].next = time + (uint64_t)rand() % interval;
        }
        if (!start) continue;
        if (!measuring && time >= start) {
            measuring = 1;
            cpu_before = cpu(pid);
        }
        if (time >= end) break;
        for (int i = 0; i < n; i++) {
            struct client *c = &clients[i];
            if (c->fd >= 0 && c->joined && time >= c->next) {
                show(c, time);
                c->next += interval;
                if (c->next < time) c->next = time + interval;
            }
        }
    }
    double used = cpu(pid) - cpu_before;
    printf("clients=%d rate=%.0f shown/s=%.0f heard/s=%.0f merged=%.3f MB/s=%.0f p50=%.1fms p99=%.1fms closed=%d server_cpu=%.2f cores %.2f us/heard\n",
           n, rate, sent / seconds, heard / seconds, 1 - (double)heard / (sent ? (double)sent * n : 1), bytes / seconds / 1e6,
           percentile(0.5), percentile(0.99), closed, used / seconds, heard ? used * 1e6 / heard : 0);
    return closed ? 3 : 0;
}
