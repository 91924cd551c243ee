#ifndef SCANNER_TEMPO_H
#define SCANNER_TEMPO_H

#include <stddef.h>
#include <stdint.h>

/* How fast a scan really was: what left, counted as it leaves. */

#define TEMPO_WINDOW_NS INT64_C(10000000)
#define TEMPO_MARKS     1024

struct tempo {
    struct tempo_mark {
        int64_t time_ns;
        uint32_t count;
    } marks[TEMPO_MARKS]; /* the last window's, a ring */
    size_t first, marks_count;
    uint64_t in_window; /* their sum */
    uint64_t burst;     /* the most in any window so far */
    uint64_t count;
    int64_t first_ns, last_ns;
};

void tempo_init(struct tempo *tempo);
/* So many SYNs leave now; times never fall. */
void tempo_note(struct tempo *tempo, uint32_t count, int64_t now_ns);
/* SYNs a second from the first to the last; 0 for fewer than two. */
double tempo_rate(const struct tempo *tempo);

#endif
