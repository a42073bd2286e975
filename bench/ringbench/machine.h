/* What the peer, this process and the whole machine use: CPU, memory, dropped datagrams. */

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
