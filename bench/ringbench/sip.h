/* Reading SIP messages (RFC 3261 section 7) and writing them into a buffer. */

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
