#include "scanner/tempo.h"

#include <string.h>

void tempo_init(struct tempo *tempo)
{
    memset(tempo, 0, sizeof *tempo);
}

static void forget_first(struct tempo *tempo)
{
    tempo->in_window -= tempo->marks[tempo->first].count;
    tempo->first = (tempo->first + 1) % TEMPO_MARKS;
    tempo->marks_count--;
}

void tempo_note(struct tempo *tempo, uint32_t count, int64_t now_ns)
{
    if (tempo->count == 0)
        tempo->first_ns = now_ns;
    tempo->last_ns = now_ns;
    tempo->count += count;
    while (tempo->marks_count && now_ns - tempo->marks[tempo->first].time_ns >= TEMPO_WINDOW_NS)
        forget_first(tempo);
    size_t place = (tempo->first + tempo->marks_count) % TEMPO_MARKS;
    /* Faster than there are marks, the last of them takes all: a window then seems a little fuller. */
    if (tempo->marks_count == TEMPO_MARKS) {
        place = (place + TEMPO_MARKS - 1) % TEMPO_MARKS;
        tempo->marks[place].count += count;
        tempo->marks[place].time_ns = now_ns;
    } else {
        tempo->marks[place] = (struct tempo_mark){now_ns, count};
        tempo->marks_count++;
    }
    tempo->in_window += count;
    if (tempo->in_window > tempo->burst)
        tempo->burst = tempo->in_window;
}

double tempo_rate(const struct tempo *tempo)
{
    if (tempo->count < 2 || tempo->last_ns <= tempo->first_ns)
        return 0;
    return (double)(tempo->count - 1) * 1e9 / (double)(tempo->last_ns - tempo->first_ns);
}
