/* Calls, their legs, what is counted of them, and the parts of messages both sides write. */

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
