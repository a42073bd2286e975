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
 * One translation unit: the headers are its chapters, each uses those before it.
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

#include "options.h"
#include "sip.h"
#include "network.h"
#include "calls.h"
#include "caller.h"
#include "callee.h"
#include "machine.h"

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
