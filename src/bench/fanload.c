/*
 * fanload: a WebSocket fan-out load generator for a broadcast server on loopback.
 *
 *   gcc -O2 -o target/fanload src/bench/fanload.c
 *   target/fanload -p 8000 -u /ws -n 1000 -s 20 -w 4 -b 64 -d 5 -P "$SERVER_PID"
 *
 * N clients connect; the first S of them send JSON strings. One thread with one epoll, so that it uses little CPU next
 * to the server. Each message holds its send time and its sender, so that each delivery is checked and timed.
 *
 *   -p A,B several servers, up to 16: client i connects to server i % 2
 *   -w W   closed loop: each sender keeps W of its own messages in flight (finds the saturation throughput)
 *   -r R   open loop: R messages a second over all senders (finds the latency at a fixed load)
 *   -g G   G rooms: client i uses room i % G, and %d in the path becomes the room's number
 *   -k K   the last K clients never read after the handshake (slow consumers)
 *   -s 0   no client sends: all stay idle for -d seconds
 *   -i     speaks Socket.IO's protocol: an event "m" with the string, one WebSocket frame each
 *   -t     speaks tutti.v1 (-u /connect): joins room r0, with -g r0, r1, …, and publishes the string without an id; a frame
 *          may hold several messages, one on each line
 *   -P PID prints the server's CPU time per delivery, its resident memory and, with -k, how many of the stalled
 *          clients it has closed, from /proc
 *
 * The last line states the CPU that other processes used; figures of a disturbed run are worth little.
 * The exit status is 4 if a delivery is malformed or out of its sender's order.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONTROL_BYTES = 1024 };
#define TUTTI_JOIN "{\"type\":\"join\",\"id\":1,\"room\":\"r%d\"}"
#define TUTTI_JOINED "{\"type\":\"joined\""
#define TUTTI_MESSAGE "{\"type\":\"message\""
#define TUTTI_PUBLISH "{\"type\":\"publish\",\"room\":\"r%d\",\"data\":"
enum { TIME_DIGITS = 16, SENDER_DIGITS = 5, SEQ_DIGITS = 9, MIN_BYTES = 2 + TIME_DIGITS + SENDER_DIGITS + SEQ_DIGITS };

struct client {
    int fd, room, upgraded, ready, stalled; /* ready: upgraded and, with Socket.IO, connected to its namespace; with tutti.v1, in its room */
    int in_flight;              /* own messages sent and not yet received */
    uint64_t sent;              /* messages sent */
    uint8_t *in;                /* bytes received and not yet parsed */
    uint32_t in_len, in_cap;
    uint8_t *part;              /* fragments of an unfinished message: Tomcat sends a long text in parts of 8 KiB */
    uint64_t part_len, part_cap;
    uint8_t *out;               /* one message and maybe control frames waiting for the socket */
    uint32_t out_len, out_off;
    uint32_t *last_seq;         /* last sequence number seen of each sender, where order is checked */
};

static struct client *clients;
static int n_clients = 100, n_senders = 1, n_rooms = 1, n_stalled, bytes = 64, n_ports = 1, ports[16] = {8000}, window, server_pid, check_order = 1;
static int socket_io, tutti;
static double rate, seconds = 5, warmup = 2;
static const char *path = "/ws", *subprotocol;
static int epoll_fd, measuring;
static uint64_t run_start; /* ignores messages of an earlier run, which the server may still hold */
static uint64_t read_at; /* when the messages that are parsed now were read */
static uint64_t delivered, malformed, misordered, disconnected, latency_max, latency_hist[64 * 32];

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (t.tv_sec * 1000000000ull + t.tv_nsec) % 10000000000000000ull; /* has TIME_DIGITS, for 115 days of uptime */
}

/* Histogram of nanoseconds: 32 buckets to each power of two. */
static int bucket_of(uint64_t v) {
    if (v < 32) return (int)v;
    int e = 63 - __builtin_clzll(v);
    return (e - 4) * 32 + (int)((v >> (e - 5)) & 31);
}
static uint64_t bucket_value(int b) {
    if (b < 32) return b;
    int e = b / 32 + 4;
    return (1ull << e) | ((uint64_t)(b % 32) << (e - 5));
}
static double percentile_us(double p) {
    uint64_t total = 0, seen = 0;
    for (int i = 0; i < 64 * 32; i++) total += latency_hist[i];
    for (int i = 0; i < 64 * 32; i++) {
        seen += latency_hist[i];
        if (total && seen > (uint64_t)(total * p)) return bucket_value(i) / 1e3;
    }
    return 0;
}

static void server_usage(double *user_s, double *sys_s, double *rss_mb) {
    char name[64], text[4096];
    unsigned long ut = 0, st = 0;
    long pages = 0;
    *user_s = *sys_s = *rss_mb = 0;
    if (!server_pid) return;
    snprintf(name, sizeof name, "/proc/%d/stat", server_pid);
    FILE *f = fopen(name, "r");
    if (!f) return;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    char *after = strrchr(text, ')');
    if (after && sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &ut, &st) == 2) {
        *user_s = ut / (double)sysconf(_SC_CLK_TCK);
        *sys_s = st / (double)sysconf(_SC_CLK_TCK);
    }
    snprintf(name, sizeof name, "/proc/%d/statm", server_pid);
    if ((f = fopen(name, "r"))) {
        if (fscanf(f, "%*d %ld", &pages) == 1) *rss_mb = pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
        fclose(f);
    }
}

/* Open sockets of the server: one for each client, and a constant few. */
static int server_sockets(void) {
    char name[320], target[64];
    int count = 0;
    snprintf(name, sizeof name, "/proc/%d/fd", server_pid);
    DIR *dir = server_pid ? opendir(name) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        snprintf(name, sizeof name, "/proc/%d/fd/%s", server_pid, e->d_name);
        count += readlink(name, target, sizeof target) > 7 && !memcmp(target, "socket:", 7);
    }
    if (dir) closedir(dir);
    return count;
}

/* CPU seconds of all processes, without interrupts, and those that the hypervisor gave to other machines. */
static void machine_usage(double *busy_s, double *steal_s) {
    unsigned long user = 0, nice = 0, sys = 0, steal = 0;
    *busy_s = *steal_s = 0;
    FILE *f = fopen("/proc/stat", "r");
    if (!f) return;
    if (fscanf(f, "cpu %lu %lu %lu %*u %*u %*u %*u %lu", &user, &nice, &sys, &steal) == 4) {
        *busy_s = (user + nice + sys) / (double)sysconf(_SC_CLK_TCK);
        *steal_s = steal / (double)sysconf(_SC_CLK_TCK);
    }
    fclose(f);
}

static double own_usage(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void drop(struct client *c) {
    disconnected++;
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    c->fd = -1;
}

static int starts_with(const uint8_t *d, uint64_t n, const char *text) {
    return n >= strlen(text) && !memcmp(d, text, strlen(text));
}

static void flush_out(struct client *c) {
    while (c->fd >= 0 && c->out_off < c->out_len) {
        ssize_t w = write(c->fd, c->out + c->out_off, c->out_len - c->out_off);
        if (w < 0) {
            if (errno != EAGAIN) drop(c);
            return;
        }
        c->out_off += w;
    }
    c->out_len = c->out_off = 0;
}

/* Appends a small frame to the output buffer. */
static void send_control(struct client *c, int opcode, const void *d, int n) {
    if (c->out_len + 6 + n > (uint32_t)bytes + CONTROL_BYTES) { drop(c); return; } /* the server floods with pings */
    uint8_t *p = c->out + c->out_len;
    memcpy(p, (uint8_t[6]){0x80 | opcode, 0x80 | n}, 6);
    memcpy(p + 6, d, n);
    c->out_len += 6 + n;
    flush_out(c);
}

/* Sends "TTTTTTTTTTTTTTTTSSSSSNNNNNNNNNxxx…": time, sender, sequence number, padding. False while a frame still waits. */
static int send_message(struct client *c) {
    if (c->fd < 0 || c->out_len) return 0;
    uint8_t *p = c->out;
    char before[80] = ""; /* an envelope around the string */
    int around = socket_io ? snprintf(before, sizeof before, "42[\"m\",") : tutti ? snprintf(before, sizeof before, TUTTI_PUBLISH, c->room) : 0;
    int n = bytes + around + (around > 0);
    *p++ = 0x81;
    if (n < 126) *p++ = 0x80 | n;
    else if (n < 65536) { *p++ = 0x80 | 126; *p++ = n >> 8; *p++ = n; }
    else { *p++ = 0x80 | 127; for (int i = 7; i >= 0; i--) *p++ = (uint64_t)n >> (8 * i); }
    memset(p, 0, 4); /* a masking key of zero: the payload travels as it is */
    p += 4;
    memcpy(p, before, around);
    p += around;
    n = bytes;
    char head[64];
    c->sent++;
    int h = snprintf(head, sizeof head, "\"%0*llu%0*d%0*llu", TIME_DIGITS, (unsigned long long)now_ns(), SENDER_DIGITS, (int)(c - clients), SEQ_DIGITS, (unsigned long long)(c->sent % 1000000000));
    memcpy(p, head, h);
    memset(p + h, 'x', n - h - 1);
    p[n - 1] = '"';
    p += n;
    if (around) *p++ = socket_io ? ']' : '}';
    c->out_len = p - c->out;
    c->out_off = 0;
    flush_out(c);
    return 1;
}

static uint64_t digits(const uint8_t *d, int n) {
    uint64_t v = 0;
    for (int i = 0; i < n; i++) v = v * 10 + (d[i] - '0');
    return v;
}

static void on_message(struct client *c, uint8_t *d, uint64_t n);

static void on_frame(struct client *c, int opcode, uint8_t *d, uint64_t n) {
    if (opcode == 9 && n < 126) { /* ping: answer with a masked pong */
        send_control(c, 10, d, n);
        return;
    }
    if (opcode == 8) { drop(c); return; }
    if (opcode != 1 && opcode != 2) return;
    if (socket_io && (n < 2 || memcmp(d, "42", 2))) { /* engine.io: 0 open, 2 ping; socket.io: 40 connected */
        if (n && d[0] == '0') send_control(c, 1, "40", 2);
        if (n == 1 && d[0] == '2') send_control(c, 1, "3", 1);
        c->ready |= n >= 2 && !memcmp(d, "40", 2);
        return;
    }
    uint8_t *line = d, *end = d + n, *feed;
    if (tutti) for (; c->fd >= 0 && (feed = memchr(line, '\n', end - line)); line = feed + 1) on_message(c, line, feed - line);
    if (c->fd >= 0) on_message(c, line, end - line);
}

static void on_message(struct client *c, uint8_t *d, uint64_t n) {
    if (tutti && !starts_with(d, n, TUTTI_MESSAGE)) {
        c->ready |= starts_with(d, n, TUTTI_JOINED);
        malformed += measuring && starts_with(d, n, "{\"type\":\"error\"");
        return;
    }
    if (tutti) { /* the client's id before the string may look like a time */
        uint8_t *data = memmem(d, n, "\"data\":", 7);
        n = data ? d + n - data : 0;
        d = data;
    }
    uint8_t *stamp = n >= MIN_BYTES ? memchr(d, '"', n) : NULL;
    while (stamp && (uint64_t)(stamp - d) + MIN_BYTES <= n && !(stamp[1] >= '0' && stamp[1] <= '9' && stamp[TIME_DIGITS] >= '0' && stamp[TIME_DIGITS] <= '9'))
        stamp = memchr(stamp + 1, '"', n - (stamp + 1 - d)); /* an envelope around the string is skipped */
    if (!stamp || (uint64_t)(stamp - d) + MIN_BYTES > n) { malformed += measuring; return; }
    uint64_t sent_at = digits(stamp + 1, TIME_DIGITS);
    if (sent_at < run_start) return;
    int sender = (int)digits(stamp + 1 + TIME_DIGITS, SENDER_DIGITS);
    uint32_t seq = (uint32_t)digits(stamp + 1 + TIME_DIGITS + SENDER_DIGITS, SEQ_DIGITS);
    if (sender < 0 || sender >= n_senders) { malformed += measuring; return; }
    if (check_order) {
        if (c->last_seq[sender] && seq != c->last_seq[sender] + 1) misordered++;
        c->last_seq[sender] = seq;
    }
    if (measuring) {
        uint64_t ns = read_at - sent_at;
        delivered++;
        latency_hist[bucket_of(ns)]++;
        if (ns > latency_max) latency_max = ns;
    }
    if (window && sender == c - clients) {
        c->in_flight--;
        while (c->in_flight < window && send_message(c)) c->in_flight++;
    }
}

/* Collects the fragments of a message; control frames, which are never fragmented, may come between them. */
static void on_fragment(struct client *c, int final, int opcode, uint8_t *d, uint64_t n) {
    if (opcode > 2 || (final && opcode)) { on_frame(c, opcode, d, n); return; }
    if (opcode) c->part_len = 0;
    if (c->part_len + n > c->part_cap) c->part = realloc(c->part, c->part_cap = 2 * (c->part_len + n));
    memcpy(c->part + c->part_len, d, n);
    c->part_len += n;
    if (final) on_frame(c, 1, c->part, c->part_len);
}

static void on_readable(struct client *c) {
    for (int rounds = 0; rounds < 8 && c->fd >= 0; rounds++) {
        if (c->in_cap - c->in_len < 4096) c->in = realloc(c->in, (c->in_cap *= 2) + 1);
        uint32_t space = c->in_cap - c->in_len;
        ssize_t r = read(c->fd, c->in + c->in_len, space);
        if (r < 0 && errno == EAGAIN) return;
        if (r <= 0) { drop(c); return; }
        c->in_len += r;
        read_at = now_ns();
        if (!c->upgraded) {
            c->in[c->in_len] = 0;
            uint8_t *end = memmem(c->in, c->in_len, "\r\n\r\n", 4);
            if (!end) continue;
            if (memcmp(c->in, "HTTP/1.1 101", 12)) { fprintf(stderr, "fanload: handshake refused: %.60s\n", c->in); exit(3); }
            c->upgraded = 1;
            c->ready = !socket_io && !tutti;
            if (tutti) {
                char join[80];
                send_control(c, 1, join, snprintf(join, sizeof join, TUTTI_JOIN, c->room));
            }
            c->in_len -= end + 4 - c->in;
            memmove(c->in, end + 4, c->in_len);
        }
        uint32_t o = 0;
        while (c->fd >= 0 && c->in_len - o >= 2) {
            uint8_t *p = c->in + o;
            uint64_t n = p[1] & 127;
            uint32_t h = 2;
            if (n == 126) { if (c->in_len - o < 4) break; n = p[2] << 8 | p[3]; h = 4; }
            else if (n == 127) { if (c->in_len - o < 10) break; n = 0; for (int i = 0; i < 8; i++) n = n << 8 | p[2 + i]; h = 10; }
            if (c->in_len - o < h + n) {
                if (h + n + 4096 > c->in_cap) c->in = realloc(c->in, (c->in_cap = h + n + 8192) + 1);
                break;
            }
            on_fragment(c, p[0] & 0x80, p[0] & 15, c->in + o + h, n);
            o += h + n;
        }
        if (c->fd < 0) return;
        memmove(c->in, c->in + o, c->in_len - o);
        c->in_len -= o;
        if (r < space) return;
    }
}

static void poll_once(int ms) {
    struct epoll_event events[512];
    int n = epoll_wait(epoll_fd, events, 512, ms);
    for (int i = 0; i < n; i++) {
        struct client *c = events[i].data.ptr;
        if (c->fd >= 0) on_readable(c);
        if (c->fd >= 0 && c->out_len) flush_out(c);
    }
}

static void connect_one(int i) {
    struct client *c = &clients[i];
    c->room = i % n_rooms;
    c->stalled = i >= n_clients - n_stalled;
    c->in = malloc((c->in_cap = 8192) + 1);
    c->out = malloc(bytes + CONTROL_BYTES);
    if (check_order) c->last_seq = calloc(n_senders, sizeof *c->last_seq);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    int one = 1, small = 4096;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (c->stalled) setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    int port = ports[i % n_ports];
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(0x7f000001);
    from.sin_addr.s_addr = htonl(0x7f000001 + i / 20000); /* 20,000 ports to a loopback address */
    bind(c->fd, (void *)&from, sizeof from);
    if (connect(c->fd, (void *)&to, sizeof to)) { fprintf(stderr, "fanload: client %d: connect: %s\n", i, strerror(errno)); exit(3); }
    char where[512], request[1024];
    snprintf(where, sizeof where, path, c->room);
    int n = snprintf(request, sizeof request,
                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s%s%s\r\n",
                     where, port, subprotocol ? "Sec-WebSocket-Protocol: " : "", subprotocol ? subprotocol : "", subprotocol ? "\r\n" : "");
    if (write(c->fd, request, n) != n) { perror("fanload: write"); exit(3); }
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &e);
    for (uint64_t deadline = now_ns() + 30000000000ull; !c->ready;) {
        poll_once(1000);
        if (c->fd < 0 || now_ns() > deadline) { fprintf(stderr, "fanload: client %d: %s\n", i, c->fd < 0 ? "closed in the handshake" : "no handshake in 30 s"); exit(3); }
    }
    if (c->stalled) epoll_ctl(epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
}

int main(int argc, char **argv) {
    for (int o; (o = getopt(argc, argv, "p:u:n:s:b:d:W:r:w:k:g:P:o:it")) > 0;) switch (o) {
        case 'p':
            n_ports = 0;
            for (char *text = strtok(optarg, ","); text && n_ports < 16; text = strtok(NULL, ",")) ports[n_ports++] = atoi(text);
            break;
        case 'u': path = optarg; break;
        case 'n': n_clients = atoi(optarg); break;
        case 's': n_senders = atoi(optarg); break;
        case 'b': bytes = atoi(optarg); break;
        case 'd': seconds = atof(optarg); break;
        case 'W': warmup = atof(optarg); break;
        case 'r': rate = atof(optarg); break;
        case 'w': window = atoi(optarg); break;
        case 'k': n_stalled = atoi(optarg); break;
        case 'g': n_rooms = atoi(optarg); break;
        case 'P': server_pid = atoi(optarg); break;
        case 'i': socket_io = 1; break;
        case 't': tutti = 1; subprotocol = "tutti.v1"; break;
        case 'o': subprotocol = optarg; break;
        default: fprintf(stderr, "fanload: see the head of fanload.c for the options\n"); return 2;
    }
    if (bytes < MIN_BYTES) bytes = MIN_BYTES;
    check_order = (double)n_clients * n_senders < 50e6;
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll_fd = epoll_create1(0);
    clients = calloc(n_clients, sizeof *clients);
    run_start = now_ns();

    double user0, sys0, rss0, user1, sys1, rss1;
    server_usage(&user0, &sys0, &rss0);
    uint64_t start = now_ns();
    for (int i = 0; i < n_clients; i++) connect_one(i);
    double connect_s = (now_ns() - start) / 1e9;
    server_usage(&user1, &sys1, &rss1);
    printf("connected=%d connect_s=%.2f", n_clients, connect_s);
    if (server_pid) printf(" server_cpu_us_per_connect=%.0f rss_MB=%.1f rss_kB_per_client=%.1f", (user1 + sys1 - user0 - sys0) * 1e6 / n_clients, rss1, (rss1 - rss0) * 1e3 / n_clients);
    printf("\n");
    fflush(stdout);
    if (seconds <= 0) return 0;
    if (n_senders < 1) {
        for (uint64_t end = now_ns() + (uint64_t)(seconds * 1e9); now_ns() < end;) poll_once(100);
        server_usage(&user1, &sys1, &rss1);
        printf("idle_rss_MB=%.1f disconnected=%llu\n", rss1, (unsigned long long)disconnected);
        return 0;
    }

    uint64_t sent_before = 0, sent_total = 0, begin = now_ns(), measure_at = begin + (uint64_t)(warmup * 1e9), end = measure_at + (uint64_t)(seconds * 1e9), open_loop_sent = 0;
    double busy0 = 0, steal0 = 0, own0 = 0, busy1, steal1;
    int next_sender = 0, sockets = server_sockets();
    for (uint64_t t; (t = now_ns()) < end;) {
        if (!measuring && t >= measure_at) {
            measuring = 1;
            measure_at = t;
            for (int i = 0; i < n_senders; i++) sent_before += clients[i].sent;
            server_usage(&user0, &sys0, &rss0);
            machine_usage(&busy0, &steal0);
            own0 = own_usage();
        }
        if (rate > 0) {
            uint64_t due = (uint64_t)((t - begin) / 1e9 * rate);
            for (int tries = 0; open_loop_sent < due && tries < n_senders; tries++)
                if (send_message(&clients[next_sender++ % n_senders])) open_loop_sent++;
        } else {
            for (int i = 0; i < n_senders; i++)
                while (clients[i].in_flight < window && send_message(&clients[i])) clients[i].in_flight++;
        }
        for (int i = 0; i < n_senders; i++) if (clients[i].out_len) flush_out(&clients[i]);
        poll_once(0);
        if (rate > 0) { struct timespec nap = {0, 20000}; nanosleep(&nap, NULL); }
    }
    double elapsed = (now_ns() - measure_at) / 1e9;
    server_usage(&user1, &sys1, &rss1);
    machine_usage(&busy1, &steal1);
    double generator = own_usage() - own0;
    for (int i = 0; i < n_senders; i++) sent_total += clients[i].sent;
    uint64_t sent = sent_total - sent_before;
    double expected = 0; /* expected deliveries of the messages sent in the window */
    for (int g = 0; g < n_rooms; g++) {
        int members = 0, senders = 0;
        for (int i = g; i < n_clients; i += n_rooms) { members += !clients[i].stalled; senders += i < n_senders; }
        expected += sent * (senders / (double)n_senders) * members;
    }
    printf("sent_per_s=%.0f delivered_per_s=%.0f delivered_of_expected=%.3f malformed=%llu misordered=%llu disconnected=%llu\n", sent / elapsed, delivered / elapsed, expected ? delivered / expected : 0,
           (unsigned long long)malformed, (unsigned long long)misordered, (unsigned long long)disconnected);
    printf("latency_us p50=%.0f p90=%.0f p99=%.0f p99.9=%.0f max=%.0f\n", percentile_us(.5), percentile_us(.9), percentile_us(.99), percentile_us(.999), latency_max / 1e3);
    if (server_pid) {
        double cpu = user1 + sys1 - user0 - sys0;
        printf("server cpu_us_per_delivery=%.3f cores=%.2f user_s=%.2f sys_s=%.2f rss_MB=%.1f\n", delivered ? cpu * 1e6 / delivered : 0, cpu / elapsed, user1 - user0, sys1 - sys0, rss1);
        if (n_stalled) printf("stalled_closed=%d\n", sockets - server_sockets() - (int)disconnected);
        printf("machine generator_cores=%.2f others_cores=%.2f steal_cores=%.2f\n", generator / elapsed, (busy1 - busy0 - cpu - generator) / elapsed, (steal1 - steal0) / elapsed);
    }
    return malformed || misordered ? 4 : 0;
}
