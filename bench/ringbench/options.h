/* What the command line says, and small things that every part needs. */

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
