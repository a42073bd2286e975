/*
 * ringbench - a ring-all SIP load generator and latency meter.
 *
 * One process plays the caller and every callee of a ring-all call:
 *
 *   caller --INVITE--> [system under test] ==INVITE x K==> K callees
 *   every callee rings, one (or more) answers, the losers must get CANCEL,
 *   the caller must get the 200, somebody hangs up.
 *
 * Because both ends live in one process on one clock, the fan-out, answer and
 * cancel latencies are read directly: transmit times are taken just before
 * sendto(), receive times are the kernel's own (SO_TIMESTAMPNS), so queueing
 * inside the generator is not charged to the system under test.
 *
 * UDP, IPv4, SIP/2.0 (RFC 3261).  No authentication, no media.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* ------------------------------------------------------------------ config */

enum { ANS_FIXED, ANS_RR, ANS_ALL, ANS_NONE, ANS_BUSY };

static struct {
    char target[64];      int tport;
    char domain[128];
    char dial[128];
    char ip[64];          int caller_port, callee_base, callers;
    int  K, G;
    int  ans_mode, ans_idx;
    double rate, duration, warmup, settle;
    long calls;
    int  hold_ms, answer_ms, ring_ms;
    int  setup_ms, drain_ms, t1;
    int  send100, no180, poisson, hold_all, callee_hangup, allow_partial;
    int  expect, dead;
    char callee_user[128];
    int  pid;
    int  verbose;
    int  linger_ms;
    char label[128];
} cf = {
    .target = "127.0.0.1", .tport = 5060, .dial = "ring3", .ip = "127.0.0.1",
    .caller_port = 6990, .callee_base = 7001, .callers = 1, .K = 3, .G = 1,
    .ans_mode = ANS_RR, .rate = 10, .duration = 10, .warmup = 0, .settle = 1,
    .hold_ms = 500, .answer_ms = 100, .setup_ms = 5000, .drain_ms = 12000,
    .t1 = 500, .dead = -1, .callee_user = "a%i", .linger_ms = 4000,
};

/* -------------------------------------------------------------- utilities */

static uint64_t mono_ns(void) {
    struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + t.tv_nsec;
}
static uint64_t real_ns(void) {
    struct timespec t; clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + t.tv_nsec;
}
static void die(const char *fmt, ...) {
    va_list ap; va_start(ap, fmt); fprintf(stderr, "ringbench: ");
    vfprintf(stderr, fmt, ap); fputc('\n', stderr); va_end(ap); exit(2);
}
static void *xalloc(size_t n) { void *p = calloc(1, n); if (!p) die("out of memory"); return p; }
static void vlog(const char *fmt, ...) {
    if (!cf.verbose) return;
    va_list ap; va_start(ap, fmt); vfprintf(stderr, fmt, ap); fputc('\n', stderr); va_end(ap);
}
static uint64_t rng_s = 88172645463325252ull;
static uint64_t rng(void) { rng_s ^= rng_s << 13; rng_s ^= rng_s >> 7; rng_s ^= rng_s << 17; return rng_s; }

/* expands %g (group 1..G), %G (the same with two digits), %i (callee 1..K), %c (callee number over all groups), %n (call number) */
static void expand(char *out, size_t sz, const char *t, int g, int i, long n) {
    size_t o = 0;
    for (; *t && o + 24 < sz; t++) {
        if (*t == '%' && t[1] == 'g') { o += sprintf(out + o, "%d", g + 1); t++; }
        else if (*t == '%' && t[1] == 'G') { o += sprintf(out + o, "%02d", g + 1); t++; }
        else if (*t == '%' && t[1] == 'i') { o += sprintf(out + o, "%d", i + 1); t++; }
        else if (*t == '%' && t[1] == 'c') { o += sprintf(out + o, "%d", g * cf.K + i + 1); t++; }
        else if (*t == '%' && t[1] == 'n') { o += sprintf(out + o, "%ld", n); t++; }
        else out[o++] = *t;
    }
    out[o] = 0;
}

/* ------------------------------------------------------------- SIP parsing */

typedef struct { const char *p; int n; } sl;
#define MAXVIA 16
#define MAXRR 16
typedef struct {
    int is_req, code;
    sl method, ruri, reason;
    sl via[MAXVIA]; int nvia;
    sl rr[MAXRR]; int nrr;
    sl from, to, callid, cseqm, contact, xrb, body;
    unsigned cseq;
} msg;

static int sl_is(sl s, const char *c) { int n = strlen(c); return s.n == n && !memcmp(s.p, c, n); }
static int sl_ieq(sl s, const char *c) { int n = strlen(c); return s.n == n && !strncasecmp(s.p, c, n); }
static sl sl_trim(sl s) {
    while (s.n && (*s.p == ' ' || *s.p == '\t')) { s.p++; s.n--; }
    while (s.n && (s.p[s.n-1] == ' ' || s.p[s.n-1] == '\t')) s.n--;
    return s;
}
static const char *sl_find(sl s, const char *needle) { return memmem(s.p, s.n, needle, strlen(needle)); }
/* parameter after the closing '>' (or anywhere when there is none) */
static sl sl_param(sl s, const char *name) {
    sl r = {0, 0}; char pat[40]; int pn = snprintf(pat, sizeof pat, ";%s=", name);
    const char *gt = memchr(s.p, '>', s.n); sl rest = s;
    if (gt) { rest.p = gt; rest.n = s.p + s.n - gt; }
    const char *q = memmem(rest.p, rest.n, pat, pn);
    if (!q) return r;
    r.p = q + pn; const char *e = r.p; while (e < s.p + s.n && *e != ';' && *e != '>' && *e != ',' && *e != ' ' && *e != '\t') e++;
    r.n = e - r.p; return r;
}
static sl sl_uri(sl s) { /* the URI inside <>, or up to ';' */
    const char *a = memchr(s.p, '<', s.n), *e; sl r;
    if (a) { a++; e = memchr(a, '>', s.p + s.n - a); if (!e) e = s.p + s.n; r.p = a; r.n = e - a; return r; }
    e = memchr(s.p, ';', s.n); r.p = s.p; r.n = e ? e - s.p : s.n; return sl_trim(r);
}

static int parse(msg *m, const char *b, int n) {
    memset(m, 0, sizeof *m);
    const char *end = b + n, *p = b;
    while (p < end && (*p == '\r' || *p == '\n')) p++;
    const char *nl = memchr(p, '\n', end - p); if (!nl) return 0;
    const char *le = nl; if (le > p && le[-1] == '\r') le--;
    if (le - p > 8 && !memcmp(p, "SIP/2.0 ", 8)) {
        m->code = atoi(p + 8); if (m->code < 100 || m->code > 699) return 0;
        m->reason.p = p + 8; m->reason.n = le - p - 8;
    } else {
        const char *s1 = memchr(p, ' ', le - p); if (!s1) return 0;
        const char *s2 = memchr(s1 + 1, ' ', le - s1 - 1); if (!s2) return 0;
        m->is_req = 1; m->method = (sl){p, s1 - p}; m->ruri = (sl){s1 + 1, s2 - s1 - 1};
    }
    int clen = -1;
    for (p = nl + 1; p < end; p = nl + 1) {
        nl = memchr(p, '\n', end - p); if (!nl) break;
        le = nl; if (le > p && le[-1] == '\r') le--;
        if (le == p) { m->body = (sl){nl + 1, end - nl - 1}; break; }
        const char *col = memchr(p, ':', le - p); if (!col) continue;
        sl h = sl_trim((sl){p, col - p}), v = sl_trim((sl){col + 1, le - col - 1});
        switch (tolower(h.p[0])) {
        case 'v': if (sl_ieq(h, "via") || h.n == 1) { if (m->nvia < MAXVIA) m->via[m->nvia++] = v; } break;
        case 'f': if (sl_ieq(h, "from") || h.n == 1) m->from = v; break;
        case 't': if (sl_ieq(h, "to") || h.n == 1) m->to = v; break;
        case 'i': if (h.n == 1) m->callid = v; break;
        case 'm': if (h.n == 1 && !m->contact.n) m->contact = v; break;
        case 'l': if (h.n == 1) clen = atoi(v.p); break;
        case 'c':
            if (sl_ieq(h, "call-id")) m->callid = v;
            else if (sl_ieq(h, "cseq")) {
                m->cseq = strtoul(v.p, 0, 10); const char *s = memchr(v.p, ' ', v.n);
                if (s) m->cseqm = sl_trim((sl){s, v.p + v.n - s});
            }
            else if (sl_ieq(h, "contact")) { if (!m->contact.n) m->contact = v; }
            else if (sl_ieq(h, "content-length")) clen = atoi(v.p);
            break;
        case 'r': if (sl_ieq(h, "record-route") && m->nrr < MAXRR) m->rr[m->nrr++] = v; break;
        case 'x': if (sl_ieq(h, "x-ringbench")) m->xrb = v; break;
        }
    }
    if (clen >= 0 && clen < m->body.n) m->body.n = clen;
    return m->nvia && m->from.n && m->to.n && m->callid.n && m->cseqm.n;
}

/* ---------------------------------------------------------- output buffers */

typedef struct { char b[8192]; int n; } obuf;
static void o_f(obuf *o, const char *fmt, ...) {
    va_list ap; va_start(ap, fmt);
    o->n += vsnprintf(o->b + o->n, sizeof o->b - o->n, fmt, ap); va_end(ap);
    if (o->n >= (int)sizeof o->b) die("message too long");
}
static void o_s(obuf *o, const char *p, int n) {
    if (o->n + n >= (int)sizeof o->b) die("message too long");
    memcpy(o->b + o->n, p, n); o->n += n;
}
#define o_c(o, lit) o_s(o, lit, sizeof(lit) - 1)
#define o_sl(o, s) o_s(o, (s).p, (s).n)

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

/* ----------------------------------------------------- calls and call legs */

struct call;
enum { L_TRYING, L_RINGING, L_ANSWERED, L_CONFIRMED, L_CANCELLED, L_BYESENT, L_DONE };
typedef struct leg {
    struct leg *hnext; uint64_t h;
    sock *s; struct call *c;
    int state, rtx; unsigned cseq;
    char *key; int keyn;              /* Call-ID + '\n' + From tag */
    char *hdr; int hdrn;              /* Via.. Record-Route.. From To Call-ID, ready for responses */
    char *resp; int respn;            /* last response, for retransmission */
    struct sockaddr_in peer;
    char totag[24];
    char *dlg; int dlgn;              /* for callee hang-up: Route/From/To/Call-ID block */
    char *rtgt; struct sockaddr_in dst;
    tmr ta, tb;
    uint64_t t_inv, t_200, t_cancel, t_bye;
    int acked;
} leg;

enum { C_CALLING, C_PROCEEDING, C_UP, C_BYE, C_REFUSED, C_DONE, C_FAILED };
typedef struct call {
    struct call *next, *prev;         /* active list, oldest first */
    sock *s; long n; int g, winner, state, final, counted, finished;
    unsigned cseq; int rtx;
    char *inv; int invn;
    char *ack; int ackn; struct sockaddr_in dst;
    char *dlg; int dlgn;              /* confirmed dialog block: Route.. From To Call-ID */
    char *rtgt; char totag[64];
    char *bye; int byen;
    tmr ta, tb;
    uint64_t t_inv, t_180, t_200, t_ack, t_bye;
    int ninv, byeok, n200, gaveup;
    leg *legs[];
} call;

static call **calls; static long ncalls_max, n_started, n_active, n_up, peak_up, peak_active;
static call act = {.next = &act, .prev = &act};

static long st_ok, st_fail, st_counted, st_dupinv, st_extra_legs, st_unmatched, st_fifo, st_extra200, st_reinv;
static long rt_inv, rt_200, rt_487, rt_bye, rx_dup200;
static long f_timeout, f_reject, f_noinv, f_nocancel, f_noack487, f_noack200, f_nobye, f_nobyeok;
static long codes[700];
/* answers as the callees see them: over all legs, and per call at the moment before somebody hangs up */
static long an_sent, an_acked, an_ended;
static long hu_calls, hu_none, hu_one, hu_several, hu_unacked, hu_crossed;

typedef struct { float *v; long n, cap; } samp;
static samp s_fan1, s_fanL, s_ans, s_canL, s_can1, s_pdd, s_bye, s_setup;
static void sa(samp *s, uint64_t a, uint64_t b) {
    if (!a || !b) return;
    if (s->n == s->cap) { s->cap = s->cap ? s->cap * 2 : 4096; s->v = realloc(s->v, s->cap * sizeof *s->v); }
    s->v[s->n++] = ((double)b - (double)a) / 1e6;
}

static int offering = 1; static int release_calls; static uint64_t warm_until_ns;

/* leg hash */
#define LH (1 << 18)
static leg **lht; static long n_legs;
static uint64_t fnv(const char *p, int n, uint64_t h) { while (n--) { h ^= (unsigned char)*p++; h *= 1099511628211ull; } return h; }
static uint64_t leg_hash(sock *s, sl cid, sl ft) { return fnv(ft.p, ft.n, fnv(cid.p, cid.n, 1469598103934665603ull ^ (s->idx * 0x9E3779B97F4A7C15ull))); }
static leg *leg_find(sock *s, sl cid, sl ft) {
    uint64_t h = leg_hash(s, cid, ft);
    for (leg *l = lht[h & (LH - 1)]; l; l = l->hnext)
        if (l->h == h && l->s == s && l->keyn == cid.n + 1 + ft.n && !memcmp(l->key, cid.p, cid.n) && !memcmp(l->key + cid.n + 1, ft.p, ft.n)) return l;
    return 0;
}
static void leg_free(void *v) {
    leg *l = v, **pp = &lht[l->h & (LH - 1)];
    while (*pp && *pp != l) pp = &(*pp)->hnext;
    if (*pp) *pp = l->hnext;
    tm_del(&l->ta); tm_del(&l->tb);
    if (l->c) for (int i = 0; i < cf.K; i++) if (l->c->legs[i] == l) l->c->legs[i] = 0;
    free(l->key); free(l->hdr); free(l->resp); free(l->dlg); free(l->rtgt); free(l); n_legs--;
}

/* --------------------------------------------------------- message writing */

static int sdp(char *b, long n, int port) {
    return sprintf(b,
        "v=0\r\no=- %ld 1 IN IP4 %s\r\ns=rb%ld\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %d RTP/AVP 0 8 101\r\n"
        "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n",
        n + 1000, cf.ip, n, cf.ip, port);
}
static void o_body(obuf *o, long n, int port) {
    char b[512]; int bn = sdp(b, n, port);
    o_f(o, "Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n", bn); o_s(o, b, bn);
}
/* copies the Vias of a request; completes rport/received on the topmost */
static void o_vias(obuf *o, const msg *m, const struct sockaddr_in *src) {
    for (int i = 0; i < m->nvia; i++) {
        o_c(o, "Via: ");
        const char *rp = 0; sl first = m->via[i];
        if (i == 0) {
            const char *comma = memchr(first.p, ',', first.n); if (comma) first.n = comma - first.p;
            const char *q = memmem(first.p, first.n, ";rport", 6);
            if (q && (q + 6 == first.p + first.n || q[6] == ';' || q[6] == ' ')) rp = q + 6;
        }
        if (rp) {
            char a[32]; inet_ntop(AF_INET, &src->sin_addr, a, sizeof a);
            o_s(o, m->via[i].p, rp - m->via[i].p); o_f(o, "=%d;received=%s", ntohs(src->sin_port), a);
            o_s(o, rp, m->via[i].p + m->via[i].n - rp);
        } else o_sl(o, m->via[i]);
        o_c(o, "\r\n");
    }
}
/* a response that needs no saved state */
static void reply(sock *s, const msg *m, const struct sockaddr_in *src, const char *status, const char *totag, int with_sdp, long n) {
    obuf o; o.n = 0;
    o_f(&o, "SIP/2.0 %s\r\n", status); o_vias(&o, m, src);
    if (with_sdp) for (int i = 0; i < m->nrr; i++) { o_c(&o, "Record-Route: "); o_sl(&o, m->rr[i]); o_c(&o, "\r\n"); }
    o_c(&o, "From: "); o_sl(&o, m->from); o_c(&o, "\r\nTo: "); o_sl(&o, m->to);
    if (totag && !sl_param(m->to, "tag").n) o_f(&o, ";tag=%s", totag);
    o_c(&o, "\r\nCall-ID: "); o_sl(&o, m->callid);
    o_f(&o, "\r\nCSeq: %u %.*s\r\n", m->cseq, m->cseqm.n, m->cseqm.p);
    if (with_sdp) { o_f(&o, "Contact: <sip:%s@%s:%d>\r\n", s->user, s->ip, s->port); o_body(&o, n, 4000); }
    else o_c(&o, "Content-Length: 0\r\n\r\n");
    tx(s, src, o.b, o.n);
}
/* splits Record-Route values into single routes; returns how many */
static int routes(const msg *m, sl *out, int max) {
    int n = 0;
    for (int i = 0; i < m->nrr; i++) {
        const char *p = m->rr[i].p, *e = p + m->rr[i].n, *st = p; int in = 0;
        for (; p <= e; p++) {
            if (p == e || (*p == ',' && !in)) { if (n < max) out[n++] = sl_trim((sl){st, p - st}); st = p + 1; }
            else if (*p == '<') in = 1; else if (*p == '>') in = 0;
        }
    }
    return n;
}

/* ------------------------------------------------------------- caller side */

static void call_check(call *c);
static void c_bye(void *v);

static void call_free(void *v) {
    call *c = v;
    tm_del(&c->ta); tm_del(&c->tb);
    for (int i = 0; i < cf.K; i++) if (c->legs[i]) c->legs[i]->c = 0;
    calls[c->n] = 0;
    free(c->inv); free(c->ack); free(c->dlg); free(c->rtgt); free(c->bye); free(c);
}
static void call_finish(call *c, int ok) {
    if (c->finished) return;
    c->finished = 1; n_active--;
    c->next->prev = c->prev; c->prev->next = c->next;
    if (c->state == C_UP || c->state == C_BYE) n_up--;
    if (c->counted) {
        st_counted++;
        if (ok) st_ok++;
        else {
            st_fail++;
            if (!c->n200 && !(c->gaveup && cf.ans_mode == ANS_NONE && c->final == 487) && c->state != C_REFUSED) { if (c->final >= 300 && !c->gaveup) f_reject++; else f_timeout++; }
            int noinv = c->ninv < cf.K && !cf.allow_partial, noc = 0, noa4 = 0, noa2 = 0, nob = 0;
            for (int i = 0; i < cf.K; i++) { leg *l = c->legs[i]; if (!l) continue;
                if (l->state <= L_RINGING) noc = 1; else if (l->state == L_CANCELLED) noa4 = 1;
                else if (l->state == L_ANSWERED) noa2 = 1; else if (l->state == L_CONFIRMED || l->state == L_BYESENT) nob = 1; }
            f_noinv += noinv; f_nocancel += noc; f_noack487 += noa4; f_noack200 += noa2; f_nobye += nob;
            if (c->n200 && !c->byeok) f_nobyeok++;
            vlog("call %ld failed: final=%d ninv=%d n200=%d byeok=%d nocancel=%d noack487=%d noack200=%d nobye=%d", c->n, c->final, c->ninv, c->n200, c->byeok, noc, noa4, noa2, nob);
        }
        if (c->t_200) {
            uint64_t t1 = 0, tl = 0, w200 = 0, cl = 0, c1 = 0, wack = 0, wbye = 0;
            for (int i = 0; i < cf.K; i++) { leg *l = c->legs[i]; if (!l) continue;
                if (!t1 || l->t_inv < t1) t1 = l->t_inv;
                if (l->t_inv > tl) tl = l->t_inv;
                if (l->t_200 && (!w200 || l->t_200 < w200)) { w200 = l->t_200; }
                if (l->t_cancel) { if (!c1 || l->t_cancel < c1) c1 = l->t_cancel; if (l->t_cancel > cl) cl = l->t_cancel; }
                if (l->t_bye) wbye = l->t_bye;
            }
            (void)wack;
            sa(&s_fan1, c->t_inv, t1); if (c->ninv >= cf.K) sa(&s_fanL, c->t_inv, tl);
            sa(&s_pdd, c->t_inv, c->t_180); sa(&s_setup, c->t_inv, c->t_200);
            sa(&s_ans, w200, c->t_200); sa(&s_can1, w200, c1); sa(&s_canL, w200, cl);
            if (c->t_bye) sa(&s_bye, c->t_bye, wbye);
        }
    }
    c->state = ok ? C_DONE : C_FAILED;
    tm_del(&c->ta); tm_set(&c->tb, cf.linger_ms, call_free, c);
}
static void c_deadline(void *v) { call *c = v; call_finish(c, 0); }

static void call_check(call *c) {
    if (c->finished) return;
    if (cf.expect ? c->final != cf.expect : c->gaveup ? cf.ans_mode != ANS_NONE || c->final != 487 : !c->n200 || !c->byeok) return;
    if (c->ninv < cf.K && !cf.allow_partial) return;
    for (int i = 0; i < cf.K; i++) if (c->legs[i] && c->legs[i]->state != L_DONE) return;
    call_finish(c, 1);
}

static const char *from_user(long n, char *b) {
    sprintf(b, "%ld", 700000000 + n); return b;
}
static void build_invite(call *c) {
    obuf o; o.n = 0; char user[64], dial[128], uri[320];
    from_user(c->n, user); expand(dial, sizeof dial, cf.dial, c->g, 0, c->n);
    snprintf(uri, sizeof uri, "sip:%s@%s", dial, cf.domain);
    o_f(&o, "INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;rport;branch=z9hG4bK%s%ldi%u\r\nMax-Forwards: 70\r\n"
            "From: \"rb%ld\" <sip:%s@%s>;tag=f%s%ld\r\nTo: <%s>\r\nCall-ID: rb-%s-%ld@%s\r\nCSeq: %u INVITE\r\n"
            "Contact: <sip:%s@%s:%d>\r\nX-Ringbench: %ld\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\nUser-Agent: ringbench\r\n",
        uri, c->s->ip, c->s->port, run_id, c->n, c->cseq, c->n, user, cf.domain, run_id, c->n, uri, run_id, c->n, cf.ip, c->cseq,
        user, c->s->ip, c->s->port, c->n);
    o_body(&o, c->n, 4000);
    free(c->inv); c->inv = malloc(o.n); memcpy(c->inv, o.b, o.n); c->invn = o.n;
}
static void c_invrtx(void *v) {
    call *c = v; if (c->state != C_CALLING) return;
    rt_inv++; tx(c->s, &tgt, c->inv, c->invn);
    c->rtx *= 2; tm_set(&c->ta, c->rtx, c_invrtx, c);
}
static void o_cancel_or_ack(call *c, const char *method, const msg *m) {
    /* CANCEL and the ACK of a non-2xx share the INVITE's branch and Request-URI */
    obuf o; o.n = 0; char user[64], dial[128];
    from_user(c->n, user); expand(dial, sizeof dial, cf.dial, c->g, 0, c->n);
    o_f(&o, "%s sip:%s@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;rport;branch=z9hG4bK%s%ldi%u\r\nMax-Forwards: 70\r\n"
            "From: \"rb%ld\" <sip:%s@%s>;tag=f%s%ld\r\nTo: ", method, dial, cf.domain, c->s->ip, c->s->port, run_id, c->n, c->cseq,
        c->n, user, cf.domain, run_id, c->n);
    if (m) o_sl(&o, m->to); else o_f(&o, "<sip:%s@%s>", dial, cf.domain);
    o_f(&o, "\r\nCall-ID: rb-%s-%ld@%s\r\nCSeq: %u %s\r\nContent-Length: 0\r\n\r\n", run_id, c->n, cf.ip, c->cseq, method);
    tx(c->s, &tgt, o.b, o.n);
}
static void c_cancelrtx(void *v) {
    call *c = v; if (c->finished || c->final) return;
    o_cancel_or_ack(c, "CANCEL", 0); c->rtx *= 2; tm_set(&c->ta, c->rtx, c_cancelrtx, c);
}
/* no answer in time (or, with --answer none, the caller gives up as planned): CANCEL, then wait for the 487 */
static void c_setup_timeout(void *v) {
    call *c = v;
    if (c->state != C_PROCEEDING) { call_finish(c, 0); return; }
    c->gaveup = 1; c->rtx = cf.t1; tm_set(&c->tb, cf.setup_ms < 2000 ? 2000 : cf.setup_ms, c_deadline, c);
    o_cancel_or_ack(c, "CANCEL", 0); tm_set(&c->ta, c->rtx, c_cancelrtx, c);
}
static void call_start(uint64_t now_ns) {
    call *c = xalloc(sizeof *c + cf.K * sizeof(leg *));
    c->n = n_started++; calls[c->n] = c; c->s = &callers[c->n % cf.callers]; c->g = c->n % cf.G; c->cseq = 1;
    c->winner = cf.ans_mode == ANS_RR ? (int)((c->n / cf.G) % cf.K) : cf.ans_mode == ANS_FIXED ? cf.ans_idx : -1;
    c->counted = now_ns >= warm_until_ns;
    c->prev = act.prev; c->next = &act; act.prev->next = c; act.prev = c;
    if (++n_active > peak_active) peak_active = n_active;
    build_invite(c); c->state = C_CALLING; c->rtx = cf.t1;
    tm_set(&c->ta, c->rtx, c_invrtx, c);
    tm_set(&c->tb, cf.ans_mode == ANS_NONE && !cf.expect ? cf.ring_ms + cf.hold_ms : cf.setup_ms + cf.answer_ms + cf.ring_ms, c_setup_timeout, c);
    c->t_inv = real_ns(); tx(c->s, &tgt, c->inv, c->invn);
}

/* fills the dialog block (Route, From, To, Call-ID), next hop and target from a 2xx */
static void uac_dialog(const msg *m, char **dlg, int *dlgn, char **rtgt, struct sockaddr_in *dst) {
    obuf o; o.n = 0; sl rt[32]; int n = routes(m, rt, 32);
    for (int i = n - 1; i >= 0; i--) { o_c(&o, "Route: "); o_sl(&o, rt[i]); o_c(&o, "\r\n"); }
    o_c(&o, "From: "); o_sl(&o, m->from); o_c(&o, "\r\nTo: "); o_sl(&o, m->to);
    o_c(&o, "\r\nCall-ID: "); o_sl(&o, m->callid); o_c(&o, "\r\n");
    sl u = m->contact.n ? sl_uri(m->contact) : (sl){"sip:127.0.0.1", 13};
    *rtgt = strndup(u.p, u.n); *dst = uri_addr(n ? sl_uri(rt[n-1]) : u);
    *dlg = malloc(o.n); memcpy(*dlg, o.b, o.n); *dlgn = o.n;
}
static int in_dialog(obuf *o, const char *method, unsigned cseq, const char *rtgt, const char *dlg, int dlgn, const sock *s, const char *br, long n) {
    o->n = 0;
    o_f(o, "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;rport;branch=z9hG4bK%s%ld%s%u\r\nMax-Forwards: 70\r\n", method, rtgt, s->ip, s->port, run_id, n, br, cseq);
    o_s(o, dlg, dlgn); o_f(o, "CSeq: %u %s\r\n", cseq, method); return o->n;
}
static void c_byertx(void *v) {
    call *c = v; if (c->state != C_BYE || c->byeok) return;
    rt_bye++; tx(c->s, &c->dst, c->bye, c->byen);
    c->rtx = c->rtx * 2 > 4000 ? 4000 : c->rtx * 2; tm_set(&c->ta, c->rtx, c_byertx, c);
}
static void send_bye(call *c) {
    obuf o; c->cseq++;
    in_dialog(&o, "BYE", c->cseq, c->rtgt, c->dlg, c->dlgn, c->s, "b", c->n);
    o_c(&o, "Content-Length: 0\r\n\r\n");
    free(c->bye); c->bye = malloc(o.n); memcpy(c->bye, o.b, o.n); c->byen = o.n;
    c->rtx = cf.t1; tm_set(&c->ta, c->rtx, c_byertx, c);
    c->t_bye = real_ns(); tx(c->s, &c->dst, c->bye, c->byen);
}
static void c_bye(void *v) {
    call *c = v; if (c->state != C_UP) return;
    c->state = C_BYE; tm_set(&c->tb, cf.setup_ms, c_deadline, c);
    send_bye(c);
}
static void leg_hangup(void *v);
/* with every message of the race long delivered: who holds a dialog that was ACKed and not ended? */
static void count_dialogs(const call *c) {
    int up = 0, answers = 0, unacked = 0;
    for (int i = 0; i < cf.K; i++) {
        const leg *l = c->legs[i]; if (!l || !l->t_200) continue;
        answers++; unacked += !l->acked; up += l->state == L_CONFIRMED;
    }
    hu_calls++; hu_none += up == 0; hu_one += up == 1; hu_several += up > 1; hu_unacked += unacked; hu_crossed += answers > 1;
}
static void hangup(call *c) {
    if (c->state == C_UP) count_dialogs(c);
    if (!cf.callee_hangup) { c_bye(c); return; }
    tm_set(&c->tb, cf.setup_ms, c_deadline, c);
    for (int i = 0; i < cf.K; i++) if (c->legs[i] && c->legs[i]->state == L_CONFIRMED) leg_hangup(c->legs[i]);
}
static void c_hold_end(void *v) { hangup(v); }

static call *call_of(sl cid) { /* rb-RUN-N@ip */
    char pre[32]; int pn = snprintf(pre, sizeof pre, "rb-%s-", run_id);
    if (cid.n <= pn || memcmp(cid.p, pre, pn)) return 0;
    long n = strtol(cid.p + pn, 0, 10); return n >= 0 && n < ncalls_max ? calls[n] : 0;
}

static void caller_response(const msg *m, uint64_t ts) {
    call *c = call_of(m->callid);
    if (!c) return;
    if (sl_is(m->cseqm, "BYE")) {
        if (m->code < 200 || m->cseq != c->cseq || c->byeok || c->state != C_BYE) return;
        tm_del(&c->ta); if (m->code < 300) { c->byeok = 1; call_check(c); }
        return;
    }
    if (!sl_is(m->cseqm, "INVITE") || m->cseq > c->cseq) return;
    if (m->code < 200) {
        if (c->state == C_CALLING) { c->state = C_PROCEEDING; tm_del(&c->ta); }
        if (m->code == 180 || m->code == 183) if (!c->t_180) c->t_180 = ts;
        return;
    }
    if (m->code >= 300) {
        if (m->cseq != c->cseq) return;
        o_cancel_or_ack(c, "ACK", m);
        if (c->state != C_CALLING && c->state != C_PROCEEDING) return;
        c->final = m->code; if (c->counted) codes[m->code]++;
        if (cf.expect && m->code == cf.expect) { tm_del(&c->ta); c->state = C_REFUSED; call_check(c); return; }
        if (c->gaveup && m->code == 487) { tm_del(&c->ta); call_check(c); return; }
        call_finish(c, 0); return;
    }
    /* 2xx */
    sl tag = sl_param(m->to, "tag");
    if (c->n200 && tag.n == (int)strlen(c->totag) && !memcmp(tag.p, c->totag, tag.n)) { /* retransmission */
        rx_dup200++; if (c->ack) tx(c->s, &c->dst, c->ack, c->ackn); return;
    }
    if (c->n200 || c->finished || c->gaveup) { /* a second answer reached the caller (or one too late): ACK then BYE it */
        obuf o; char *d, *r; int dn; struct sockaddr_in dst; st_extra200++;
        uac_dialog(m, &d, &dn, &r, &dst);
        in_dialog(&o, "ACK", m->cseq, r, d, dn, c->s, "xa", st_extra200 * 1000000 + c->n % 1000000); o_c(&o, "Content-Length: 0\r\n\r\n"); tx(c->s, &dst, o.b, o.n);
        in_dialog(&o, "BYE", m->cseq + 100, r, d, dn, c->s, "xb", st_extra200 * 1000000 + c->n % 1000000); o_c(&o, "Content-Length: 0\r\n\r\n"); tx(c->s, &dst, o.b, o.n);
        free(d); free(r); return;
    }
    tm_del(&c->ta); c->n200++; c->t_200 = ts; c->final = 200; if (c->counted) codes[200]++;
    snprintf(c->totag, sizeof c->totag, "%.*s", tag.n, tag.p);
    uac_dialog(m, &c->dlg, &c->dlgn, &c->rtgt, &c->dst);
    obuf o; in_dialog(&o, "ACK", c->cseq, c->rtgt, c->dlg, c->dlgn, c->s, "a", c->n); o_c(&o, "Content-Length: 0\r\n\r\n");
    c->ack = malloc(o.n); memcpy(c->ack, o.b, o.n); c->ackn = o.n;
    c->state = C_UP; if (++n_up > peak_up) peak_up = n_up;
    c->t_ack = real_ns(); tx(c->s, &c->dst, c->ack, c->ackn);
    if (cf.hold_all && !release_calls) tm_del(&c->tb);
    else tm_set(&c->tb, cf.hold_ms, c_hold_end, c);
}
static void caller_request(sock *s, const msg *m, const struct sockaddr_in *src) {
    call *c = call_of(m->callid);
    if (sl_is(m->method, "ACK")) return;
    if (sl_is(m->method, "BYE")) {
        if (!c) { reply(s, m, src, "481 Call/Transaction Does Not Exist", "x", 0, 0); return; }
        reply(s, m, src, "200 OK", 0, 0, 0);
        if (c->state == C_UP || c->state == C_BYE) {
            if (c->state == C_UP) { c->state = C_BYE; tm_set(&c->tb, cf.setup_ms, c_deadline, c); }
            tm_del(&c->ta); c->byeok = 1; call_check(c);
        }
        return;
    }
    if (sl_is(m->method, "INVITE") && c) { st_reinv++; reply(s, m, src, "200 OK", 0, 1, c->n); return; }
    if (sl_is(m->method, "UPDATE") && c) { reply(s, m, src, "200 OK", 0, m->body.n > 0, c->n); return; }
    if (sl_is(m->method, "OPTIONS") || sl_is(m->method, "NOTIFY") || sl_is(m->method, "INFO")) { reply(s, m, src, "200 OK", "x", 0, 0); return; }
    reply(s, m, src, "405 Method Not Allowed", "x", 0, 0);
}

/* ------------------------------------------------------------- callee side */

static void leg_send(leg *l, const char *status, int body, int keep) {
    obuf o; o.n = 0;
    o_f(&o, "SIP/2.0 %s\r\n", status); o_s(&o, l->hdr, l->hdrn);
    o_f(&o, "CSeq: %u INVITE\r\nContact: <sip:%s@%s:%d>\r\n", l->cseq, l->s->user, cf.ip, l->s->port);
    if (body) o_body(&o, l->c ? l->c->n : 0, 4100 + l->s->i * 2); else o_c(&o, "Content-Length: 0\r\n\r\n");
    if (keep) { free(l->resp); l->resp = malloc(o.n); memcpy(l->resp, o.b, o.n); l->respn = o.n; }
    tx(l->s, &l->peer, o.b, o.n);
}
static void leg_rtx(void *v) {
    leg *l = v; if (l->acked || (l->state != L_ANSWERED && l->state != L_CANCELLED)) return;
    if (l->state == L_ANSWERED) rt_200++; else rt_487++;
    tx(l->s, &l->peer, l->resp, l->respn);
    l->rtx = l->rtx * 2 > 4000 ? 4000 : l->rtx * 2;
    if (l->rtx > 0) tm_set(&l->ta, l->rtx, leg_rtx, l);
}
static void leg_end(leg *l) { /* leg is over, keep it a while to answer retransmissions */
    tm_del(&l->ta); l->state = L_DONE; tm_set(&l->tb, cf.linger_ms, leg_free, l);
    if (l->c) call_check(l->c);
}
static void leg_answer(void *v) {
    leg *l = v; if (l->state != L_RINGING) return;
    l->state = L_ANSWERED; l->rtx = cf.t1; tm_set(&l->ta, l->rtx, leg_rtx, l);
    an_sent++; l->t_200 = real_ns(); leg_send(l, "200 OK", 1, 1);
    tm_set(&l->tb, 40000, leg_free, l);
}
static void leg_ring(void *v) {
    leg *l = v; if (l->state != L_TRYING) return;
    if (cf.ans_mode == ANS_BUSY) { /* from here like a 487: repeated until the ACK */
        l->state = L_CANCELLED; l->rtx = cf.t1; tm_set(&l->ta, l->rtx, leg_rtx, l); tm_set(&l->tb, 40000, leg_free, l);
        leg_send(l, "486 Busy Here", 0, 1); return;
    }
    l->state = L_RINGING; if (!cf.no180) leg_send(l, "180 Ringing", 0, 1);
    int win = cf.ans_mode == ANS_ALL || (l->c && l->c->winner == l->s->i) || (!l->c && cf.ans_mode == ANS_FIXED && cf.ans_idx == l->s->i);
    if (!win) { return; }
    if (cf.answer_ms) tm_set(&l->ta, cf.answer_ms, leg_answer, l); else leg_answer(l);
}
static long digits(const char *p, const char *e) { if (p >= e || !isdigit((unsigned char)*p)) return -1; long v = 0; while (p < e && isdigit((unsigned char)*p)) v = v * 10 + *p++ - '0'; return v; }
static call *correlate(const msg *m, sock *s) {
    long n = -1; const char *q;
    if (m->xrb.n) n = digits(m->xrb.p, m->xrb.p + m->xrb.n);
    if (n < 0 && m->body.n && (q = sl_find(m->body, "s=rb"))) n = digits(q + 4, m->body.p + m->body.n);
    if (n < 0) { sl u = sl_uri(m->from); if ((q = memchr(u.p, ':', u.n))) { long v = digits(q + 1, u.p + u.n); if (v >= 700000000) n = v - 700000000; } }
    if (n < 0 && (q = sl_find(m->from, "rb"))) n = digits(q + 2, m->from.p + m->from.n);
    if (n >= 0 && n < ncalls_max && calls[n] && calls[n]->g == s->g) return calls[n];
    if (n >= 0) return 0;
    for (call *c = act.next; c != &act; c = c->next) if (c->g == s->g && !c->legs[s->i] && c->state <= C_PROCEEDING) { st_fifo++; return c; }
    return 0;
}
static void callee_invite(sock *s, const msg *m, const struct sockaddr_in *src, uint64_t ts) {
    sl ft = sl_param(m->from, "tag"); leg *l = leg_find(s, m->callid, ft);
    if (l) {
        if (m->cseq == l->cseq) { st_dupinv++; if (l->resp) tx(s, &l->peer, l->resp, l->respn); return; }
        if (sl_param(m->to, "tag").n) { st_reinv++; reply(s, m, src, "200 OK", l->totag, 1, l->c ? l->c->n : 0); return; }
        reply(s, m, src, "482 Loop Detected", "x", 0, 0); return;
    }
    if (sl_param(m->to, "tag").n) { reply(s, m, src, "481 Call/Transaction Does Not Exist", 0, 0, 0); return; }
    l = xalloc(sizeof *l); n_legs++;
    l->s = s; l->peer = *src; l->t_inv = ts; l->cseq = m->cseq;
    l->keyn = m->callid.n + 1 + ft.n; l->key = malloc(l->keyn);
    memcpy(l->key, m->callid.p, m->callid.n); l->key[m->callid.n] = '\n'; memcpy(l->key + m->callid.n + 1, ft.p, ft.n);
    l->h = leg_hash(s, m->callid, ft); l->hnext = lht[l->h & (LH - 1)]; lht[l->h & (LH - 1)] = l;
    snprintf(l->totag, sizeof l->totag, "t%08lx", (unsigned long)(rng() & 0xffffffff));
    obuf o; o.n = 0; o_vias(&o, m, src);
    for (int i = 0; i < m->nrr; i++) { o_c(&o, "Record-Route: "); o_sl(&o, m->rr[i]); o_c(&o, "\r\n"); }
    o_c(&o, "From: "); o_sl(&o, m->from); o_c(&o, "\r\nTo: "); o_sl(&o, m->to); o_f(&o, ";tag=%s\r\nCall-ID: ", l->totag); o_sl(&o, m->callid); o_c(&o, "\r\n");
    l->hdr = malloc(o.n); memcpy(l->hdr, o.b, o.n); l->hdrn = o.n;
    if (cf.callee_hangup) { /* as UAC of the reverse direction: From=our To, routes in received order */
        obuf d; d.n = 0; sl rt[32]; int n = routes(m, rt, 32);
        for (int i = 0; i < n; i++) { o_c(&d, "Route: "); o_sl(&d, rt[i]); o_c(&d, "\r\n"); }
        o_c(&d, "From: "); o_sl(&d, m->to); o_f(&d, ";tag=%s\r\nTo: ", l->totag); o_sl(&d, m->from); o_c(&d, "\r\nCall-ID: "); o_sl(&d, m->callid); o_c(&d, "\r\n");
        l->dlg = malloc(d.n); memcpy(l->dlg, d.b, d.n); l->dlgn = d.n;
        sl u = sl_uri(m->contact); l->rtgt = strndup(u.p, u.n); l->dst = uri_addr(n ? sl_uri(rt[0]) : u);
    }
    call *c = correlate(m, s); l->c = c;
    if (!c) st_unmatched++;
    else if (c->legs[s->i]) { st_extra_legs++; l->c = 0; }
    else { c->legs[s->i] = l; c->ninv++; }
    tm_set(&l->tb, 60000, leg_free, l);
    if (s->i == cf.dead) { l->state = L_DONE; if (!l->c) st_unmatched--; return; } /* heard, never answered */
    if (cf.send100) { obuf t; t.n = 0; o_c(&t, "SIP/2.0 100 Trying\r\n"); o_s(&t, l->hdr, l->hdrn); o_f(&t, "CSeq: %u INVITE\r\nContent-Length: 0\r\n\r\n", l->cseq); tx(s, src, t.b, t.n); }
    if (cf.ring_ms) tm_set(&l->ta, cf.ring_ms, leg_ring, l); else leg_ring(l);
}
static void leg_byertx(void *v) {
    leg *l = v; if (l->state != L_BYESENT) return;
    rt_bye++; tx(l->s, &l->dst, l->resp, l->respn); l->rtx = l->rtx * 2 > 4000 ? 4000 : l->rtx * 2; tm_set(&l->ta, l->rtx, leg_byertx, l);
}
static void leg_hangup(void *v) {
    leg *l = v; obuf o; l->state = L_BYESENT;
    in_dialog(&o, "BYE", 1, l->rtgt, l->dlg, l->dlgn, l->s, "cb", (long)(l->h & 0xffffffff)); o_c(&o, "Content-Length: 0\r\n\r\n");
    free(l->resp); l->resp = malloc(o.n); memcpy(l->resp, o.b, o.n); l->respn = o.n;
    l->rtx = cf.t1; tm_set(&l->ta, l->rtx, leg_byertx, l); tm_set(&l->tb, 40000, leg_free, l);
    tx(l->s, &l->dst, o.b, o.n);
}
static void callee_request(sock *s, const msg *m, const struct sockaddr_in *src, uint64_t ts) {
    if (sl_is(m->method, "INVITE")) { callee_invite(s, m, src, ts); return; }
    if (s->i == cf.dead) return;
    leg *l = leg_find(s, m->callid, sl_param(m->from, "tag"));
    if (sl_is(m->method, "ACK")) {
        if (!l || m->cseq != l->cseq || l->acked) return;
        if (l->t_200) an_acked++;
        if (l->state == L_ANSWERED) { l->acked = 1; l->state = L_CONFIRMED; tm_del(&l->ta); tm_set(&l->tb, 3600 * 1000, leg_free, l); }
        else if (l->state == L_CANCELLED) { l->acked = 1; leg_end(l); }
        else l->acked = 1; /* a BYE that overtook the ACK */
        return;
    }
    if (sl_is(m->method, "CANCEL")) {
        if (!l) { reply(s, m, src, "481 Call/Transaction Does Not Exist", "x", 0, 0); return; }
        reply(s, m, src, "200 OK", l->totag, 0, 0);
        if (l->state > L_RINGING) return;
        l->t_cancel = ts; l->state = L_CANCELLED; l->rtx = cf.t1; tm_set(&l->ta, l->rtx, leg_rtx, l); tm_set(&l->tb, 40000, leg_free, l);
        leg_send(l, "487 Request Terminated", 0, 1); return;
    }
    if (sl_is(m->method, "BYE")) {
        if (!l) { reply(s, m, src, "481 Call/Transaction Does Not Exist", "x", 0, 0); return; }
        reply(s, m, src, "200 OK", 0, 0, 0);
        if (l->state == L_CONFIRMED || l->state == L_ANSWERED || l->state == L_BYESENT) { an_ended++; l->t_bye = ts; leg_end(l); }
        return;
    }
    if (sl_is(m->method, "UPDATE") && l) { reply(s, m, src, "200 OK", l->totag, m->body.n > 0, l->c ? l->c->n : 0); return; }
    if (sl_is(m->method, "OPTIONS") || sl_is(m->method, "NOTIFY") || sl_is(m->method, "INFO")) { reply(s, m, src, "200 OK", "x", 0, 0); return; }
    reply(s, m, src, "405 Method Not Allowed", "x", 0, 0);
}
static void callee_response(sock *s, const msg *m) {
    if (sl_is(m->cseqm, "BYE") && m->code >= 200) {
        /* From/To are swapped relative to the INVITE: the remote tag is in To */
        leg *l = leg_find(s, m->callid, sl_param(m->to, "tag"));
        if (l && l->state == L_BYESENT) { an_ended++; leg_end(l); }
    }
}

/* ------------------------------------------------------ process accounting */

typedef struct { double cpu; long rss_kb, pss_kb; int nproc; } pstat;
static pstat tree_stat(int root, int mem) {
    pstat r = {0}; if (!root) return r;
    static int pid[65536], ppid[65536]; static double cpu[65536]; int n = 0;
    DIR *d = opendir("/proc"); struct dirent *e; double hz = sysconf(_SC_CLK_TCK);
    while ((e = readdir(d)) && n < 65536) {
        if (!isdigit((unsigned char)e->d_name[0])) continue;
        char f[300], b[1024]; snprintf(f, sizeof f, "/proc/%s/stat", e->d_name);
        FILE *fp = fopen(f, "r"); if (!fp) continue; int k = fread(b, 1, sizeof b - 1, fp); fclose(fp); if (k <= 0) continue; b[k] = 0;
        char *q = strrchr(b, ')'); if (!q) continue; long pp; unsigned long ut, st;
        if (sscanf(q + 2, "%*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &pp, &ut, &st) != 3) continue;
        pid[n] = atoi(e->d_name); ppid[n] = pp; cpu[n] = (ut + st) / hz; n++;
    }
    closedir(d);
    for (int i = 0; i < n; i++) {
        int p = pid[i], in = 0, guard = 0;
        while (p > 1 && guard++ < 64) { if (p == root) { in = 1; break; } int j; for (j = 0; j < n; j++) if (pid[j] == p) break; if (j == n) break; p = ppid[j]; }
        if (!in) continue;
        r.cpu += cpu[i]; r.nproc++;
        if (mem) {
            char f[64], b[256]; snprintf(f, sizeof f, "/proc/%d/smaps_rollup", pid[i]); FILE *fp = fopen(f, "r"); if (!fp) continue;
            while (fgets(b, sizeof b, fp)) { long v; if (sscanf(b, "Rss: %ld", &v) == 1) r.rss_kb += v; else if (sscanf(b, "Pss: %ld", &v) == 1) r.pss_kb += v; }
            fclose(fp);
        }
    }
    return r;
}
typedef struct { double busy, total, softirq; } cstat;
static void core_stat(cstat *c, int n) {
    FILE *fp = fopen("/proc/stat", "r"); char b[512]; for (int i = 0; i < n; i++) c[i] = (cstat){0};
    if (!fp) return;
    while (fgets(b, sizeof b, fp)) {
        int k; double v[8]; if (sscanf(b, "cpu%d %lf %lf %lf %lf %lf %lf %lf %lf", &k, v, v+1, v+2, v+3, v+4, v+5, v+6, v+7) == 9 && b[3] != ' ' && k < n) {
            double t = 0; for (int i = 0; i < 8; i++) t += v[i];
            c[k].total = t; c[k].busy = t - v[3] - v[4]; c[k].softirq = v[5] + v[6];
        }
    }
    fclose(fp);
}
static double self_cpu(void) { struct rusage u; getrusage(RUSAGE_SELF, &u); return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6; }
static long udp_drops(void) { /* RcvbufErrors, whole machine */
    FILE *fp = fopen("/proc/net/snmp", "r"); char b[1024]; long v[8] = {0}; int hdr = 0; if (!fp) return 0;
    while (fgets(b, sizeof b, fp)) if (!strncmp(b, "Udp:", 4)) { if (!hdr++) continue; sscanf(b, "Udp: %ld %ld %ld %ld %ld", v, v+1, v+2, v+3, v+4); break; }
    fclose(fp); return v[4];
}

/* -------------------------------------------------------------- event loop */

#define BATCH 32
static char rbuf[BATCH][4096], cbuf[BATCH][128];
static void sock_read(sock *s) {
    static struct mmsghdr mh[BATCH]; static struct iovec iov[BATCH]; static struct sockaddr_in src[BATCH];
    for (int rounds = 0; rounds < 4; rounds++) {
        for (int i = 0; i < BATCH; i++) {
            iov[i] = (struct iovec){rbuf[i], sizeof rbuf[i] - 1};
            mh[i].msg_hdr = (struct msghdr){.msg_name = &src[i], .msg_namelen = sizeof src[i], .msg_iov = &iov[i], .msg_iovlen = 1, .msg_control = cbuf[i], .msg_controllen = sizeof cbuf[i]};
        }
        int n = recvmmsg(s->fd, mh, BATCH, MSG_DONTWAIT, 0);
        if (n <= 0) return;
        for (int i = 0; i < n; i++) {
            uint64_t ts = 0;
            for (struct cmsghdr *c = CMSG_FIRSTHDR(&mh[i].msg_hdr); c; c = CMSG_NXTHDR(&mh[i].msg_hdr, c))
                if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) { struct timespec t; memcpy(&t, CMSG_DATA(c), sizeof t); ts = (uint64_t)t.tv_sec * 1000000000ull + t.tv_nsec; }
            if (!ts) ts = real_ns();
            int len = mh[i].msg_len; rbuf[i][len] = 0; st_rx++;
            if (cf.verbose > 1) fprintf(stderr, "--- %d <- %d\n%.*s\n", s->port, ntohs(src[i].sin_port), len, rbuf[i]);
            msg m; if (len < 12) continue;           /* keep-alives */
            if (!parse(&m, rbuf[i], len)) { st_bad++; continue; }
            if (s->is_caller) { if (m.is_req) caller_request(s, &m, &src[i]); else caller_response(&m, ts); }
            else { if (m.is_req) callee_request(s, &m, &src[i], ts); else callee_response(s, &m); }
        }
        if (n < BATCH) return;
    }
}
static volatile sig_atomic_t stop;
static void on_sig(int x) { (void)x; stop = 1; }
static void loop_once(uint64_t until_ns) {
    struct epoll_event ev[64]; uint64_t now = mono_ns();
    uint64_t w = until_ns > now ? until_ns - now : 0; if (w > 1000000) w = 1000000;
    struct timespec ts = {0, (long)w};
    int n = epoll_pwait2(epfd, ev, 64, &ts, 0);
    for (int i = 0; i < n; i++) sock_read(ev[i].data.ptr);
    tm_run();
}
static void spin(double sec) { uint64_t e = mono_ns() + (uint64_t)(sec * 1e9); while (mono_ns() < e && !stop) loop_once(e); }

static int fcmp(const void *a, const void *b) { float x = *(const float *)a, y = *(const float *)b; return x < y ? -1 : x > y; }
static void p_samp(const char *k, samp *s) {
    if (!s->n) { printf(", \"%s\": null", k); return; }
    qsort(s->v, s->n, sizeof *s->v, fcmp); double sum = 0; for (long i = 0; i < s->n; i++) sum += s->v[i];
#define Q(p) s->v[(long)((s->n - 1) * (p))]
    printf(",\n \"%s\": {\"n\": %ld, \"mean\": %.3f, \"p50\": %.3f, \"p90\": %.3f, \"p99\": %.3f, \"p999\": %.3f, \"max\": %.3f}", k, s->n, sum / s->n, Q(.5), Q(.9), Q(.99), Q(.999), s->v[s->n-1]);
}

static void usage(void) {
    fputs(
"usage: ringbench [options]            (see README.md for the full story)\n"
"  --target IP:PORT      system under test (127.0.0.1:5060)\n"
"  --domain D            domain in the Request-URI/From/To (default IP:PORT of target)\n"
"  --dial T              user part to call; %g = group number (ring3)\n"
"  --ring K              callees per call (3)     --groups G  ring groups, round robin (1)\n"
"  --ip IP --caller-port P --callee-base P   own addresses (127.0.0.1 6990 7001..)\n"
"  --callers N           callers at N addresses from --ip upwards, in turn (1)\n"
"  --callee-user T       user in the callees' Contact; %g %i %c expand (a%i)\n"
"  --answer N|rr|all|none|busy  which callee answers (rr); none: the caller gives up after --hold,\n"
"                        success is then 487 at the caller and CANCEL at every callee; busy: all send 486\n"
"  --expect CODE         success is this final response at the caller and every callee's leg over\n"
"  --dead N              callee N hears everything and never says a word\n"
"  --answer-delay MS (100)  --ring-delay MS (0)  --hold MS (500)\n"
"  --hangup caller|callee   --send-100   --no-180   --allow-partial\n"
"  --rate CPS (10) --duration S (10) | --calls N   --poisson  --warmup S (0)\n"
"  --hold-all            hold every call until all are up, sample memory, then release\n"
"  --setup-timeout MS (5000) --drain MS (12000) --settle S (1) --t1 MS (500) --linger MS (4000)\n"
"  --pid PID             process tree of the system under test: CPU and memory are read\n"
"  --label TEXT  -v (failures)  -vv (all messages)\n", stderr);
    exit(2);
}

int main(int argc, char **argv) {
    enum { O_TARGET = 256, O_DOMAIN, O_DIAL, O_RING, O_GROUPS, O_IP, O_CPORT, O_CALLERS, O_CBASE, O_CUSER, O_ANSWER, O_ADELAY, O_RDELAY, O_HOLD, O_HANGUP,
        O_S100, O_N180, O_PARTIAL, O_RATE, O_DUR, O_CALLS, O_POISSON, O_WARM, O_HOLDALL, O_SETUP, O_DRAIN, O_SETTLE, O_T1, O_LINGER, O_EXPECT, O_DEAD, O_PID, O_LABEL };
    static struct option lo[] = {
        {"target",1,0,O_TARGET},{"domain",1,0,O_DOMAIN},{"dial",1,0,O_DIAL},{"ring",1,0,O_RING},{"groups",1,0,O_GROUPS},{"ip",1,0,O_IP},{"caller-port",1,0,O_CPORT},{"callers",1,0,O_CALLERS},
        {"callee-base",1,0,O_CBASE},{"callee-user",1,0,O_CUSER},{"answer",1,0,O_ANSWER},{"answer-delay",1,0,O_ADELAY},{"ring-delay",1,0,O_RDELAY},{"hold",1,0,O_HOLD},{"hangup",1,0,O_HANGUP},
        {"send-100",0,0,O_S100},{"no-180",0,0,O_N180},{"allow-partial",0,0,O_PARTIAL},{"rate",1,0,O_RATE},{"duration",1,0,O_DUR},{"calls",1,0,O_CALLS},{"poisson",0,0,O_POISSON},
        {"warmup",1,0,O_WARM},{"hold-all",0,0,O_HOLDALL},{"setup-timeout",1,0,O_SETUP},{"drain",1,0,O_DRAIN},{"settle",1,0,O_SETTLE},{"t1",1,0,O_T1},{"linger",1,0,O_LINGER},
        {"expect",1,0,O_EXPECT},{"dead",1,0,O_DEAD},{"pid",1,0,O_PID},{"label",1,0,O_LABEL},{0}};
#define S(f) snprintf(cf.f, sizeof cf.f, "%s", optarg)
    int o, dur_set = 0;
    while ((o = getopt_long(argc, argv, "vh", lo, 0)) != -1) switch (o) {
        case O_TARGET: { S(target); char *c = strchr(cf.target, ':'); if (c) { *c = 0; cf.tport = atoi(c + 1); } break; }
        case O_DOMAIN: S(domain); break; case O_DIAL: S(dial); break; case O_RING: cf.K = atoi(optarg); break; case O_GROUPS: cf.G = atoi(optarg); break;
        case O_IP: S(ip); break; case O_CPORT: cf.caller_port = atoi(optarg); break; case O_CALLERS: cf.callers = atoi(optarg); break; case O_CBASE: cf.callee_base = atoi(optarg); break; case O_CUSER: S(callee_user); break;
        case O_ANSWER: if (!strcmp(optarg, "rr")) cf.ans_mode = ANS_RR; else if (!strcmp(optarg, "all")) cf.ans_mode = ANS_ALL; else if (!strcmp(optarg, "none")) cf.ans_mode = ANS_NONE; else if (!strcmp(optarg, "busy")) cf.ans_mode = ANS_BUSY; else { cf.ans_mode = ANS_FIXED; cf.ans_idx = atoi(optarg) - 1; } break;
        case O_ADELAY: cf.answer_ms = atoi(optarg); break; case O_RDELAY: cf.ring_ms = atoi(optarg); break; case O_HOLD: cf.hold_ms = atoi(optarg); break;
        case O_HANGUP: cf.callee_hangup = !strcmp(optarg, "callee"); break; case O_S100: cf.send100 = 1; break; case O_N180: cf.no180 = 1; break; case O_PARTIAL: cf.allow_partial = 1; break;
        case O_RATE: cf.rate = atof(optarg); break; case O_DUR: cf.duration = atof(optarg); dur_set = 1; break; case O_CALLS: cf.calls = atol(optarg); break; case O_POISSON: cf.poisson = 1; break;
        case O_WARM: cf.warmup = atof(optarg); break; case O_HOLDALL: cf.hold_all = 1; break; case O_SETUP: cf.setup_ms = atoi(optarg); break; case O_DRAIN: cf.drain_ms = atoi(optarg); break;
        case O_SETTLE: cf.settle = atof(optarg); break; case O_T1: cf.t1 = atoi(optarg); break; case O_LINGER: cf.linger_ms = atoi(optarg); break;
        case O_EXPECT: cf.expect = atoi(optarg); break; case O_DEAD: cf.dead = atoi(optarg) - 1; break; case O_PID: cf.pid = atoi(optarg); break;
        case O_LABEL: S(label); break; case 'v': cf.verbose++; break; default: usage();
    }
    if (cf.callers < 1 || cf.callers > MAXCALLERS || cf.K < 1 || cf.G < 1 || cf.rate <= 0) usage();
    if (!cf.domain[0]) snprintf(cf.domain, sizeof cf.domain, "%s:%d", cf.target, cf.tport);
    if (cf.calls && !dur_set) cf.duration = 1e9;
    if (cf.hold_all && !cf.calls) die("--hold-all needs --calls");
    rng_s ^= real_ns() * 0x9E3779B97F4A7C15ull; if (!rng_s) rng_s = 1;
    snprintf(run_id, sizeof run_id, "%06lx", (unsigned long)(rng() & 0xffffff));
    tgt.sin_family = AF_INET; tgt.sin_port = htons(cf.tport); if (inet_pton(AF_INET, cf.target, &tgt.sin_addr) != 1) die("bad --target");
    struct rlimit rl; getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl);
    signal(SIGINT, on_sig); signal(SIGTERM, on_sig); signal(SIGPIPE, SIG_IGN);
    t0_ns = mono_ns(); tm_init(); epfd = epoll_create1(0);
    struct in_addr own; if (inet_pton(AF_INET, cf.ip, &own) != 1) die("bad --ip");
    for (int k = 0; k < cf.callers; k++) {
        sock *s = &callers[k]; s->is_caller = 1; from_user(0, s->user);
        struct in_addr a = {htonl(ntohl(own.s_addr) + k)}; inet_ntop(AF_INET, &a, s->ip, sizeof s->ip);
        sock_open(s, cf.caller_port);
    }
    ncallee = cf.K * cf.G; callee = xalloc(ncallee * sizeof *callee); lht = xalloc(LH * sizeof *lht);
    for (int g = 0; g < cf.G; g++) for (int i = 0; i < cf.K; i++) { sock *s = &callee[g * cf.K + i]; s->g = g; s->i = i; s->idx = g * cf.K + i; snprintf(s->ip, sizeof s->ip, "%s", cf.ip); expand(s->user, sizeof s->user, cf.callee_user, g, i, 0); sock_open(s, cf.callee_base + s->idx); }
    ncalls_max = cf.calls ? cf.calls : (long)(cf.rate * cf.duration * 1.5) + 1000; calls = xalloc((ncalls_max + 1) * sizeof *calls);

    pstat p0 = tree_stat(cf.pid, 1), pO, p1; cstat c0[64], c1[64]; int ncore = sysconf(_SC_NPROCESSORS_ONLN); if (ncore > 64) ncore = 64;
    long drops0 = udp_drops();
    printf("{\"label\": \"%s\"", cf.label);
    if (cf.hold_all) spin(0.2);
    p0 = tree_stat(cf.pid, 1); core_stat(c0, ncore); double cpu0 = self_cpu();
    uint64_t start = mono_ns(), next = start, endo = start + (uint64_t)((cf.duration > 1e8 ? 1e8 : cf.duration) * 1e9); double lag_max = 0;
    warm_until_ns = start + (uint64_t)(cf.warmup * 1e9);
    double gap = 1e9 / cf.rate;
    while (!stop && offering) {
        uint64_t now = mono_ns(); int burst = 0;
        while (now >= next && offering && burst++ < 16) {
            if (now >= endo || (cf.calls && n_started >= cf.calls) || n_started >= ncalls_max) { offering = 0; break; }
            double lag = (now - next) / 1e6; if (lag > lag_max) lag_max = lag;
            call_start(now);
            double g = cf.poisson ? -log(1 - (rng() >> 11) * (1.0 / 9007199254740992.0)) * gap : gap;
            next += (uint64_t)g; now = mono_ns();
        }
        if (now >= endo) offering = 0;
        loop_once(next < endo ? next : endo);
    }
    uint64_t endt = mono_ns(); pO = tree_stat(cf.pid, 0); core_stat(c1, ncore); double cpuO = self_cpu(); double owall = (endt - start) / 1e9;
    pstat pm = {0}; long up_at_mem = 0;
    if (cf.hold_all) {
        uint64_t lim = mono_ns() + (uint64_t)(cf.setup_ms + cf.answer_ms + 1000) * 1000000ull;
        while (!stop && n_up < n_active && mono_ns() < lim) loop_once(lim);
        spin(2); pm = tree_stat(cf.pid, 1); up_at_mem = n_up;
        release_calls = 1; uint64_t nx = mono_ns();
        for (call *c = act.next, *nc; c != &act && !stop; c = nc) { /* hang up at the same pace as they came */
            while (mono_ns() < nx && !stop) loop_once(nx);
            nx += (uint64_t)gap; nc = c->next; if (c->state == C_UP) { long k = c->n; hangup(c); for (nc = act.next; nc != &act && nc->n <= k; nc = nc->next); }
        }
    }
    uint64_t dl = mono_ns() + (uint64_t)cf.drain_ms * 1000000ull + (uint64_t)(cf.hold_ms + cf.answer_ms) * 1000000ull;
    while (n_active && mono_ns() < dl && !stop) loop_once(dl);
    long undrained = n_active;
    while (act.next != &act) call_finish(act.next, 0);
    spin(cf.settle);
    p1 = tree_stat(cf.pid, 1);

    double win = owall - cf.warmup; if (win <= 0) win = owall;
    printf(",\n \"ring\": %d, \"groups\": %d, \"rate\": %.2f, \"duration_s\": %.2f, \"answer_delay_ms\": %d, \"hold_ms\": %d", cf.K, cf.G, cf.rate, owall, cf.answer_ms, cf.hold_ms);
    printf(",\n \"started\": %ld, \"counted\": %ld, \"ok\": %ld, \"failed\": %ld, \"success_pct\": %.4f, \"offered_cps\": %.2f, \"achieved_cps\": %.2f, \"peak_active\": %ld, \"peak_up\": %ld, \"undrained\": %ld",
        n_started, st_counted, st_ok, st_fail, st_counted ? 100.0 * st_ok / st_counted : 0, n_started / owall, st_ok / win, peak_active, peak_up, undrained);
    printf(",\n \"fail\": {\"timeout\": %ld, \"rejected\": %ld, \"missing_invite\": %ld, \"missing_cancel\": %ld, \"missing_ack_487\": %ld, \"missing_ack_200\": %ld, \"missing_bye\": %ld, \"missing_bye_200\": %ld}",
        f_timeout, f_reject, f_noinv, f_nocancel, f_noack487, f_noack200, f_nobye, f_nobyeok);
    printf(",\n \"final_codes\": {"); int ff = 1; for (int i = 0; i < 700; i++) if (codes[i]) { printf("%s\"%d\": %ld", ff ? "" : ", ", i, codes[i]); ff = 0; } printf("}");
    printf(",\n \"retrans_sent\": {\"invite\": %ld, \"ok200\": %ld, \"r487\": %ld, \"bye\": %ld}, \"dup_rx\": {\"invite\": %ld, \"ok200\": %ld}, \"extra\": {\"legs\": %ld, \"unmatched_legs\": %ld, \"fifo_matched\": %ld, \"second_200_at_caller\": %ld, \"reinvites\": %ld}",
        rt_inv, rt_200, rt_487, rt_bye, st_dupinv, rx_dup200, st_extra_legs, st_unmatched, st_fifo, st_extra200, st_reinv);
    printf(",\n \"answers\": {\"sent\": %ld, \"acked\": %ld, \"ended\": %ld}, \"at_hangup\": {\"calls\": %ld, \"no_dialog\": %ld, \"one_dialog\": %ld, \"several_dialogs\": %ld, \"unacked_answers\": %ld, \"crossed\": %ld}",
        an_sent, an_acked, an_ended, hu_calls, hu_none, hu_one, hu_several, hu_unacked, hu_crossed);
    printf(",\n \"latency_ms\": {\"unit\": \"ms\"");
    p_samp("fanout_first", &s_fan1); p_samp("fanout_last", &s_fanL); p_samp("invite_to_180", &s_pdd); p_samp("invite_to_200", &s_setup);
    p_samp("answer", &s_ans); p_samp("cancel_first", &s_can1); p_samp("cancel_last", &s_canL); p_samp("bye", &s_bye); printf("}");
    if (cf.pid) {
        printf(",\n \"peer\": {\"pid\": %d, \"procs\": %d, \"cpu_s\": %.2f, \"cpu_s_per_1000_calls\": %.4f, \"core_util_offering\": %.3f, \"rss_start_kb\": %ld, \"pss_start_kb\": %ld, \"rss_end_kb\": %ld, \"pss_end_kb\": %ld",
            cf.pid, p1.nproc, p1.cpu - p0.cpu, n_started ? (p1.cpu - p0.cpu) * 1000 / n_started : 0, (pO.cpu - p0.cpu) / owall, p0.rss_kb, p0.pss_kb, p1.rss_kb, p1.pss_kb);
        if (cf.hold_all) printf(", \"calls_up\": %ld, \"rss_up_kb\": %ld, \"pss_up_kb\": %ld, \"pss_kb_per_call\": %.2f", up_at_mem, pm.rss_kb, pm.pss_kb, up_at_mem ? (double)(pm.pss_kb - p0.pss_kb) / up_at_mem : 0);
        printf("}");
    }
    printf(",\n \"generator\": {\"cpu_util\": %.3f, \"max_pacing_lag_ms\": %.2f, \"tx\": %ld, \"rx\": %ld, \"unparsed\": %ld, \"tx_errors\": %ld, \"udp_rcvbuf_drops_machine\": %ld}", (cpuO - cpu0) / owall, lag_max, st_tx, st_rx, st_bad, st_txerr, udp_drops() - drops0);
    printf(",\n \"cores\": ["); for (int i = 0; i < ncore; i++) { double t = c1[i].total - c0[i].total; printf("%s{\"busy\": %.3f, \"softirq\": %.3f}", i ? ", " : "", t > 0 ? (c1[i].busy - c0[i].busy) / t : 0, t > 0 ? (c1[i].softirq - c0[i].softirq) / t : 0); }
    printf("]}\n");
    return st_counted && st_ok * 1000 >= st_counted * 999 ? 0 : 1;
}
