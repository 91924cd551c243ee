#include "scoring/comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/binomial.h"
#include "scoring/holm.h"

const char *comparison_word_name(enum comparison_word word, enum language language)
{
    static const char *const names[][2] = {
        [WORD_ABOVE] = {"高于", "above"},
        [WORD_BELOW] = {"低于", "below"},
        [WORD_INDISTINCT] = {"无法区分", "not distinguishable"},
        [WORD_COUNTS] = {"仅列计数", "counts only"},
    };
    return names[word][language == LANGUAGE_ZH ? 0 : 1];
}

const char *comparison_why_name(enum comparison_why why, enum language language)
{
    static const char *const names[][2] = {
        [WHY_NONE] = {"", ""},
        [WHY_FEW] = {"不足 20 个，太少", "fewer than 20 are too few"},
        [WHY_NOT_ASKED] = {"没有探测过这些端口", "these ports were not asked"},
        [WHY_PARTLY] =
            {"这些端口没有处处探测，实际只会更多，所以不说“低于”",
             "not all of these ports were asked everywhere: there may be more, so it is never called below"},
        [WHY_CERTAIN] = {"基线为 0 或 100%，无法检验", "the baseline is 0 or 100 %, which can't be tested"},
        [WHY_BOUND] = {"基线只给出界限", "the baseline gives a bound only"},
        [WHY_UNCOUNTED] = {"此处不知道分母", "the denominator is not known here"},
        [WHY_TOO_MANY] = {"数目过大，未作检验", "too many for an exact test"},
    };
    return names[why][language == LANGUAGE_ZH ? 0 : 1];
}

static bool counts_addresses(enum denominator denominator)
{
    return denominator <= DENOMINATOR_HOST;
}

static bool unlike(const struct figure *figure, enum denominator denominator)
{
    return figure->ports.count && denominator != DENOMINATOR_UNKNOWN &&
           counts_addresses(figure->denominator) && figure->denominator != denominator;
}

/* Has the baseline the same by this denominator as well? */
static bool has_like(const struct baseline *baseline, const struct figure *figure,
                     enum denominator denominator)
{
    for (size_t i = 0; i < baseline->figures_count; i++)
        if (baseline->figures[i].denominator == denominator &&
            ports_equal(&baseline->figures[i].ports, &figure->ports))
            return true;
    return false;
}

const struct figure *comparison_unlike(const struct baseline *baseline, enum denominator denominator)
{
    for (size_t i = 0; i < baseline->figures_count; i++)
        if (unlike(&baseline->figures[i], denominator) &&
            !has_like(baseline, &baseline->figures[i], denominator))
            return &baseline->figures[i];
    return NULL;
}

/* Why the proportion can't be tested. */
static enum comparison_why untested(const struct comparison_share *share)
{
    if (share->proportion.of == 0 && share->denominator == DENOMINATOR_ADDRESS)
        return WHY_UNCOUNTED;
    if (!comparison_tells(share->proportion))
        return WHY_FEW;
    if (share->figure->bound == BOUND_ABOVE || share->figure->bound == BOUND_BELOW)
        return WHY_BOUND;
    if (share->baseline <= 0 || share->baseline >= 1)
        return WHY_CERTAIN;
    return share->proportion.of > BINOMIAL_MOST ? WHY_TOO_MANY : WHY_NONE;
}

bool comparison_tells(struct proportion proportion)
{
    return proportion.of >= COMPARISON_COUNTS;
}

/* Share and lift, where there are enough. */
static void measure(struct comparison_share *share)
{
    share->interval[0] = share->interval[1] = (double)NAN;
    share->lift = share->lift_interval[0] = share->lift_interval[1] = (double)NAN;
    if (!comparison_tells(share->proportion))
        return;
    proportion_wilson(share->proportion, share->interval);
    share->lift = proportion_lift(share->proportion, share->baseline, share->lift_interval);
}

/* The tests, where there can be any. */
static void test(struct comparison_share *share)
{
    uint64_t k = share->proportion.count, n = share->proportion.of;
    share->p_more = share->p_two_sided = share->p_holm = share->zero_from = (double)NAN;
    enum comparison_why why = share->why == WHY_NOT_ASKED ? WHY_NOT_ASKED : untested(share);
    if (why != WHY_NONE) {
        share->why = why;
        return;
    }
    share->p_more = binomial_at_least(k, n, share->baseline);
    share->p_two_sided = binomial_two_sided(k, n, share->baseline);
    if (k == 0)
        share->zero_from = ceil(log(COMPARISON_LEVEL) / log1p(-share->baseline));
}

/* Everything about one proportion but what the others decide. `why` says already how much was asked. */
static void weigh(struct comparison_share *share)
{
    const struct figure *figure = share->figure;
    share->baseline_interval[0] = share->baseline_interval[1] = (double)NAN;
    if (figure->count_known)
        proportion_wilson((struct proportion){figure->count, figure->of}, share->baseline_interval);
    measure(share);
    test(share);
}

static void conclude(struct comparison_share *share)
{
    double here = proportion_share(share->proportion);
    if (isnan(share->p_holm))
        share->word = WORD_COUNTS;
    else if (share->p_holm > COMPARISON_LEVEL)
        share->word = WORD_INDISTINCT;
    else if (here > share->baseline)
        share->word = WORD_ABOVE;
    else
        share->word = share->why == WHY_PARTLY ? WORD_INDISTINCT : WORD_BELOW;
}

/* The p-values of those that are counted by the same denominator, in their order; NAN for the others. */
static void select_values(const struct comparison_share *shares, size_t count, enum denominator denominator,
                          double *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = shares[i].denominator == denominator ? shares[i].p_two_sided : (double)NAN;
}

/* Corrects together what is looked at together: all that is counted by one denominator. */
static enum status correct(struct comparison_share *shares, size_t count)
{
    double *values = calloc(count + 1, sizeof *values), *adjusted = calloc(count + 1, sizeof *adjusted);
    enum status status = values && adjusted ? STATUS_OK : STATUS_NO_MEMORY;
    for (int denominator = 0; denominator <= DENOMINATOR_ORGANIZATION && status == STATUS_OK; denominator++) {
        size_t tested = 0;
        select_values(shares, count, (enum denominator)denominator, values);
        status = holm_adjust(values, count, adjusted);
        for (size_t i = 0; i < count; i++)
            tested += !isnan(values[i]);
        for (size_t i = 0; i < count && status == STATUS_OK; i++)
            if ((int)shares[i].denominator == denominator) {
                shares[i].p_holm = adjusted[i];
                shares[i].family = tested;
                conclude(&shares[i]);
            }
    }
    free(values);
    free(adjusted);
    return status;
}

static void add_share(struct comparison *comparison, const struct figure *figure,
                      const struct comparison_options *options)
{
    struct comparison_share *share = &comparison->shares[comparison->shares_count++];
    *share = (struct comparison_share){.figure = figure, .baseline = figure->value};
    share->exposure = exposures_find(comparison->exposures, &figure->ports);
    share->denominator = figure->denominator;
    if (figure->denominator != DENOMINATOR_ORGANIZATION && options->denominator != DENOMINATOR_UNKNOWN)
        share->denominator = options->denominator;
    else if (figure->denominator == DENOMINATOR_UNKNOWN)
        share->denominator = DENOMINATOR_HOST;
    share->unlike = unlike(figure, share->denominator);
    share->proportion = census_proportion(comparison->census, share->exposure, share->denominator);
    enum census_asked asked = comparison->census->tallies[share->exposure].asked;
    share->why = asked == ASKED_NOWHERE ? WHY_NOT_ASKED : asked == ASKED_PARTLY ? WHY_PARTLY : WHY_NONE;
    weigh(share);
}

static void add_bands(struct comparison *comparison, const struct figure *figure)
{
    for (int band = BAND_EXCELLENT; band >= BAND_POOR; band--) {
        struct comparison_share *share = &comparison->bands[comparison->bands_count++];
        *share = (struct comparison_share){
            .figure = figure,
            .part = band_word((enum band)band),
            .exposure = SIZE_MAX,
            .denominator = DENOMINATOR_ORGANIZATION,
            .proportion = {comparison->indices.bands[band], comparison->indices.organizations},
            .baseline = figure->bands[band]};
        weigh(share);
    }
}

/* An unlike figure is passed over where the baseline has a like one; one organization alone is no share of
   organizations. */
static bool comparable(const struct comparison *comparison, const struct figure *figure,
                       enum denominator denominator)
{
    if (figure->kind != FIGURE_SHARE || figure->ports.count == 0 || figure->denominator == DENOMINATOR_OTHER)
        return false;
    if (figure->denominator == DENOMINATOR_ORGANIZATION && comparison->census->count == 1)
        return false;
    return !unlike(figure, denominator) || !has_like(comparison->baseline, figure, denominator);
}

static enum status compare_shares(struct comparison *comparison, const struct comparison_options *options)
{
    const struct baseline *baseline = comparison->baseline;
    comparison->shares = calloc(baseline->figures_count + 1, sizeof *comparison->shares);
    comparison->bands = calloc(4 * baseline->figures_count + 1, sizeof *comparison->bands);
    if (!comparison->shares || !comparison->bands)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < baseline->figures_count; i++) {
        if (comparable(comparison, &baseline->figures[i], options->denominator))
            add_share(comparison, &baseline->figures[i], options);
        else if (baseline->figures[i].kind == FIGURE_BANDS && comparison->census->count > 1)
            add_bands(comparison, &baseline->figures[i]);
    }
    enum status status = correct(comparison->shares, comparison->shares_count);
    return status == STATUS_OK ? correct(comparison->bands, comparison->bands_count) : status;
}

/* Two indices can be laid side by side when g was fitted to this baseline, or when the baseline was made by
   the same g and the same catalogue. */
static bool calibrated(const struct comparison *comparison)
{
    const struct baseline *baseline = comparison->baseline;
    const struct catalogue *catalogue = comparison->catalogue;
    if (!comparison->indices.applied)
        return false;
    if (catalogue->g.fit.baseline && strcmp(catalogue->g.fit.baseline, baseline->name) == 0)
        return true;
    const char *label = g_label(&catalogue->g);
    return label && baseline->g && strcmp(label, baseline->g) == 0 && baseline->catalogue &&
           strcmp(baseline->catalogue, catalogue->name) == 0;
}

/* Against the first mean that is no bound. The interval of 95 % leaves a mean out exactly when Student's
   two-sided test has p < 5 %. */
static void compare_mean(struct comparison *comparison)
{
    struct comparison_mean *mean = &comparison->mean;
    const struct census_indices *indices = &comparison->indices;
    for (size_t i = 0; i < comparison->baseline->figures_count && !mean->figure; i++) {
        const struct figure *figure = &comparison->baseline->figures[i];
        if (figure->kind == FIGURE_MEAN && figure->bound <= BOUND_ABOUT)
            mean->figure = figure;
    }
    mean->word = WORD_COUNTS;
    mean->why = WHY_FEW;
    if (!mean->figure || indices->organizations < COMPARISON_COUNTS)
        return;
    mean->why = WHY_NONE;
    mean->word = indices->interval[0] > mean->figure->value   ? WORD_ABOVE
                 : indices->interval[1] < mean->figure->value ? WORD_BELOW
                                                              : WORD_INDISTINCT;
}

enum status comparison_make(const struct baseline *baseline, const struct exposures *exposures,
                            const struct census *census, const struct comparison_options *options,
                            struct comparison *comparison_out)
{
    *comparison_out = (struct comparison){.baseline = baseline,
                                          .exposures = exposures,
                                          .census = census,
                                          .catalogue = options->catalogue,
                                          .subject = options->subject};
    if (comparison_unlike(baseline, options->denominator) && !options->force)
        return STATUS_MISMATCH;
    enum status status = census_indices(census, options->catalogue, &comparison_out->indices);
    comparison_out->calibrated = calibrated(comparison_out);
    if (status == STATUS_OK)
        status = compare_shares(comparison_out, options);
    compare_mean(comparison_out);
    if (status != STATUS_OK)
        comparison_deinit(comparison_out);
    return status;
}

void comparison_deinit(struct comparison *comparison)
{
    free(comparison->shares);
    free(comparison->bands);
    *comparison = (struct comparison){0};
}
