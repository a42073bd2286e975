/* Sockets with the kernel's receive times, and a wheel of timers in milliseconds. */

/* ----------------------------------------------------------------- sockets */

typedef struct sock { int fd, port, is_caller, g, i, idx; char user[64], ip[16]; } sock;
#define MAXCALLERS 64
static sock callers[MAXCALLERS], *callee; static int ncallee, epfd;
static struct sockaddr_in tgt;
static char run_id[16];
static long st_tx, st_rx, st_bad, st_txerr;

static void sock_open(sock *s, int port) {
    s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0); if (s->fd < 0) die("socket: %s", strerror(errno));
    int v = 8 << 20; if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &v, sizeof v)) setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &v, sizeof v);
    v = 1; setsockopt(s->fd, SOL_SOCKET, SO_TIMESTAMPNS, &v, sizeof v);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, s->ip, &a.sin_addr) != 1) die("bad --ip");
    if (bind(s->fd, (void *)&a, sizeof a)) die("bind %s:%d: %s", s->ip, port, strerror(errno));
    s->port = port;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = s};
    if (epoll_ctl(epfd, EPOLL_CTL_ADD, s->fd, &e)) die("epoll_ctl");
}
static void tx(sock *s, const struct sockaddr_in *to, const char *p, int n) {
    st_tx++;
    if (sendto(s->fd, p, n, 0, (const void *)to, sizeof *to) != n) st_txerr++;
    if (cf.verbose > 1) fprintf(stderr, "--- %d -> %d\n%.*s\n", s->port, ntohs(to->sin_port), n, p);
}
/* address named by a SIP URI when it holds a literal IPv4 host, else the target */
static struct sockaddr_in uri_addr(sl u) {
    struct sockaddr_in a = tgt; char h[64]; int n = 0, port = 5060;
    const char *p = u.p, *e = u.p + u.n;
    const char *c = memchr(p, ':', e - p); if (!c) return a; p = c + 1;
    const char *at = memchr(p, '@', e - p); if (at) p = at + 1;
    while (p < e && n < 63 && (isdigit((unsigned char)*p) || *p == '.')) h[n++] = *p++;
    h[n] = 0; if (p < e && *p == ':') port = atoi(p + 1);
    struct in_addr ia; if (inet_pton(AF_INET, h, &ia) != 1) return a;
    a.sin_addr = ia; a.sin_port = htons(port); return a;
}

/* ------------------------------------------------------------------ timers */

typedef struct tmr { struct tmr *next, *prev; uint64_t at; void (*fn)(void *); void *arg; } tmr;
#define WHEEL 16384
static tmr wheel[WHEEL]; static uint64_t wheel_ms, t0_ns;
static uint64_t now_ms(void) { return (mono_ns() - t0_ns) / 1000000; }
static void tm_init(void) { for (int i = 0; i < WHEEL; i++) wheel[i].next = wheel[i].prev = &wheel[i]; }
static void tm_del(tmr *t) { if (t->next) { t->next->prev = t->prev; t->prev->next = t->next; t->next = t->prev = 0; } }
static void tm_set(tmr *t, int ms, void (*fn)(void *), void *arg) {
    tm_del(t); if (ms < 1) ms = 1;
    t->at = now_ms() + ms; if (t->at <= wheel_ms) t->at = wheel_ms + 1;
    t->fn = fn; t->arg = arg;
    tmr *h = &wheel[t->at & (WHEEL - 1)];
    t->prev = h->prev; t->next = h; h->prev->next = t; h->prev = t;
}
static void tm_run(void) {
    uint64_t now = now_ms();
    while (wheel_ms < now) {
        wheel_ms++;
        tmr *h = &wheel[wheel_ms & (WHEEL - 1)], *t = h->next;
        while (t != h) {
            if (t->at > wheel_ms) { t = t->next; continue; }
            tm_del(t); t->fn(t->arg); t = h->next; /* the callback may change the list: rescan */
        }
    }
}
