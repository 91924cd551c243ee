#include "scanner/progress.h"

#include <inttypes.h>
#include <stdio.h>

#define EVERY_NS INT64_C(100000000)

void progress_init(struct progress *progress, uint64_t first_finished, int64_t now_ns)
{
    *progress = (struct progress){.first_finished = first_finished, .begun_ns = now_ns, .last_ns = now_ns};
}

static void format_time(double seconds, char *text, size_t size)
{
    unsigned long whole = seconds > 0 && seconds < 1e9 ? (unsigned long)(seconds + 0.5) : 0;
    if (whole >= 3600)
        snprintf(text, size, "%luh%02lum", whole / 3600, whole / 60 % 60);
    else
        snprintf(text, size, "%lum%02lus", whole / 60, whole % 60);
}

void progress_show(struct progress *progress, const struct scan_totals *totals, uint64_t size, size_t talking,
                   int64_t now_ns)
{
    int64_t passed = now_ns - progress->last_ns;
    if (passed < EVERY_NS)
        return;
    double rate = (double)(totals->probes - progress->last_probes) * 1e9 / (double)passed;
    progress->rate = progress->shown ? progress->rate * 0.8 + rate * 0.2 : rate;
    progress->last_ns = now_ns;
    progress->last_probes = totals->probes;
    char left[32] = "?";
    double spent = (double)(now_ns - progress->begun_ns) / 1e9;
    uint64_t finished = progress->first_finished + totals->finished;
    if (totals->finished)
        format_time(spent / (double)totals->finished * (double)(size - finished), left, sizeof left);
    fprintf(stderr,
            "\r\033[K%5.1f%%  %" PRIu64 "/%" PRIu64 "  %.0f/s  open %" PRIu64 "  talking %zu  left %s",
            size ? 100.0 * (double)finished / (double)size : 100.0, finished, size, progress->rate,
            totals->ends[ENDPOINT_OPEN], talking, left);
    fflush(stderr);
    progress->shown = true;
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        fprintf(stderr, "\r\033[K");
    progress->shown = false;
}
