/* The callers: INVITE, ACK, CANCEL, BYE, and whether a call succeeded. */

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
        if (c->counted && !c->final) codes[m->code]++;
        c->final = m->code;
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
