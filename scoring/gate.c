#include <stdlib.h>

#include "scoring/scorecard.h"

#define GATE_DIMENSIONS 3 /* from so many on the band is capped at fair */

enum band band_of(int index)
{
    return index >= 900 ? BAND_EXCELLENT : index >= 700 ? BAND_GOOD : index >= 500 ? BAND_FAIR : BAND_POOR;
}

const char *band_word(enum band band)
{
    static const char *const words[] = {"poor", "fair", "good", "excellent"};
    return words[band];
}

const char *band_name(enum band band, enum language language)
{
    static const char *const zh[] = {"较差", "一般", "良好", "优秀"};
    return language == LANGUAGE_ZH ? zh[band] : band_word(band);
}

static bool holds_dimension(const struct standing *standing, const struct scorecard *scorecard,
                            size_t dimension)
{
    for (size_t i = 0; i < scorecard->gated_by_count; i++)
        if (standing->catalogue->items[scorecard->gated_by[i]].dimension == dimension)
            return true;
    return false;
}

enum status scorecard_gate(const struct standing *standing, struct scorecard *scorecard)
{
    size_t dimensions = 0, *gated_by = calloc(standing->catalogue->items_count + 1, sizeof *gated_by);
    if (!gated_by)
        return STATUS_NO_MEMORY;
    scorecard->gated_by = gated_by;
    for (size_t i = 0; i < standing->occurrences_count; i++) {
        const struct occurrence *occurrence = standing->occurrences[i];
        size_t count = scorecard->gated_by_count;
        size_t item = occurrence->spot.item;
        if (!occurrence->gates || (count > 0 && gated_by[count - 1] == item))
            continue;
        size_t dimension = standing->catalogue->items[item].dimension;
        dimensions += !holds_dimension(standing, scorecard, dimension);
        gated_by[scorecard->gated_by_count++] = item;
    }
    /* Many scorecards are kept at once. */
    size_t *trimmed = reallocarray(gated_by, scorecard->gated_by_count + 1, sizeof *trimmed);
    if (trimmed)
        scorecard->gated_by = trimmed;
    scorecard->gate = dimensions >= GATE_DIMENSIONS ? BAND_FAIR : dimensions > 0 ? BAND_GOOD : BAND_EXCELLENT;
    return STATUS_OK;
}
