#ifndef SCORING_CALIBRATION_H
#define SCORING_CALIBRATION_H

#include <stdio.h>

#include "scoring/baseline.h"

/* Fits g (model.md §3 step 6), so that the indices of a population come out as those of a baseline do.

   `power` finds the gamma with which the mean is the baseline's (kappa 0).
   `quantile` gives the baseline's bands their shares of the population and meets its mean: what is open within
   the bands is filled with as much entropy as these figures leave (a density that rises or falls by the same
   exponential in all of them), and the population's raw scores are laid on that by rank, through knots at the
   ends (0 to 0, 1000 to 1000), at the borders of the bands, and evenly between. Organizations that tie share the
   mean of what would be theirs. Knots are whole thousandths of a point, so that what was judged is what is
   written. */

/* What a baseline says of its indices; NAN where it says nothing. */
struct calibration_target {
    char *name; /* of the baseline; borrowed */
    double mean;
    double bands[4]; /* shares by enum band */
};
/* Takes the first mean and the first bands of the whole ("index-mean", "index-bands"), those that are exact. */
struct calibration_target calibration_target_of(const struct baseline *baseline);

struct calibration_options {
    enum g_kind kind; /* G_POWER or G_QUANTILE */
    size_t knots;     /* 0: CALIBRATION_KNOTS */
    uint64_t seed;    /* of the folds */
};

#define CALIBRATION_KNOTS      17
#define CALIBRATION_KNOTS_MOST 100
#define CALIBRATION_FOLDS      10

/* Fewer than these can't carry a fit. Its mean is no surer than the mean of those it was fitted on: ± 34 points
   with 20 hospitals, ± 16 with 100, ± 11 with 300 (model.md §3 step 6), and below 100 that is a tenth of a band of
   200 points and more. */
#define CALIBRATION_LEAST 100

/* How a population looks by a g, with standard errors of what is sampled. */
struct calibration_figures {
    double mean, mean_error, deviation;
    double bands[4], bands_error[4]; /* shares of published indices by enum band */
};

struct calibration {
    struct g g; /* fitted to all; fit is left empty */
    size_t organizations;
    struct calibration_figures raw;    /* without g */
    struct calibration_figures fitted; /* of those that it was fitted on */
    /* Of ten folds, each by a g that was fitted on the nine others, taken together. */
    struct calibration_figures held_out;
    double fold_means[CALIBRATION_FOLDS]; /* each fold's own, NAN for one without organizations */
};

/* `scores` are raw, before g, 0 to 1000; the folds are drawn by the seed from their order. STATUS_MISMATCH when no
   such g reaches the target, and *why_out then says so, static, as the end of a sentence. */
MUST_USE enum status calibration_fit(const double *scores, size_t count,
                                     const struct calibration_target *target,
                                     const struct calibration_options *options,
                                     struct calibration *calibration_out, const char **why_out);
void calibration_deinit(struct calibration *calibration);

/* The frozen file: a catalogue that extends `extends` by nothing but g, which says when, on whom and to what
   it was fitted. */
MUST_USE enum status calibration_write(const struct calibration *calibration, const char *extends,
                                       const struct g_fit *fit, FILE *stream);

#endif
