/* The phones: ring, answer, be busy, be cancelled, hang up. */

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
