#ifndef SCORING_FUNNEL_H
#define SCORING_FUNNEL_H

#include "scoring/cohort.h"

/* A funnel plot (Spiegelhalter 2005): groups of one key by the number of their organizations and by their mean
   index, with the limits between which the mean of so many hospitals drawn from the whole would lie with 95 % and
   99.9 %. A place outside says "unlike the whole"; a league table says it of everybody. The limits are normal, the
   whole's mean ± z · its deviation / √n, so that groups of fewer than FUNNEL_MEMBERS are left out. */

#define FUNNEL_MEMBERS       3  /* of a group */
#define FUNNEL_GROUPS        5  /* with so many members */
#define FUNNEL_ORGANIZATIONS 30 /* of the whole */

enum funnel_lack {
    FUNNEL_ENOUGH,
    FUNNEL_NO_KEY,
    FUNNEL_FEW_GROUPS,
    FUNNEL_FEW_ORGANIZATIONS,
    FUNNEL_NO_SPREAD
};

struct funnel {
    enum funnel_lack lack;
    const struct cohort *groups; /* of the key, in one row; those that are too small among them */
    size_t count;
    size_t drawn; /* with FUNNEL_MEMBERS or more */
    size_t largest;
    double mean, deviation; /* of the whole */
};

/* Borrows the cohorts. */
struct funnel funnel_of(const struct cohorts *cohorts, const char *key);
bool funnel_draws(const struct cohort *group);
#define FUNNEL_95  1.959963984540054 /* normal quantile of 0.975 */
#define FUNNEL_999 3.290526731491893 /* of 0.9995 */
/* Within 0 to 1000, the lower one first. */
void funnel_limits(const struct funnel *funnel, double z, double organizations, double limits_out[2]);
/* 0: within both, 1: outside the limits of 95 %, 2: outside those of 99.9 %; negative below. */
int funnel_outside(const struct funnel *funnel, const struct cohort *group);

#endif
