#ifndef TESTS_SCORING_FEEDING_H
#define TESTS_SCORING_FEEDING_H

#include "place.h"
#include "scoring/import.h"

/* Imports of a text or a file of tests/scoring/feeds into the store of a place, and what came of them. The scope
   is that of two hospitals: h001 has 192.0.2.0/24 and h001.example, h002 198.51.100.0/25 and h002.example. */
struct feeding {
    const char *feed;
    const char *map;  /* NULL: the built-in one */
    const char *only; /* as --org; NULL: nobody */
    const struct indicators *indicators;
};

/* The text "line:column: sentence" of the complaints, "" when the import came about; freed by the caller. */
char *feed_text(const struct place *place, const struct feeding *feeding, const char *text, size_t size);
char *feed_file(const struct place *place, const struct feeding *feeding, const char *name);
/* The same, and it must come about. */
void feed_good(const struct place *place, const struct feeding *feeding, const char *name);
/* All findings of the newest import, sorted: "h001 N1-1 192.0.2.10:80 3 why" a line, with a key in the place of
   an address where there is one. Freed by the caller. */
char *fed_findings(const struct place *place);
/* The items that it covers: "h001 N1-1" a line; those of findings alone not among them. Freed by the caller. */
char *fed_covered(const struct place *place);
/* How many runs the store holds. */
int fed_runs(const struct place *place);
/* The bytes of a file of tests/scoring/feeds, NUL-terminated; freed by the caller. */
char *feeds_read(const char *name, size_t *size_out);
/* The indicators of a bundle there, settled; the caller deinits. */
void feeds_indicators(const char *name, struct indicators *indicators_out);

#endif
