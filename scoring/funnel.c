#include "scoring/funnel.h"

#include <math.h>
#include <string.h>

bool funnel_draws(const struct cohort *group)
{
    return group->organizations >= FUNNEL_MEMBERS;
}

static enum funnel_lack lack_of(const struct funnel *funnel, const struct cohort *all)
{
    if (funnel->count == 0)
        return FUNNEL_NO_KEY;
    if (!all || all->organizations < FUNNEL_ORGANIZATIONS)
        return FUNNEL_FEW_ORGANIZATIONS;
    if (funnel->drawn < FUNNEL_GROUPS)
        return FUNNEL_FEW_GROUPS;
    return all->deviation > 0 ? FUNNEL_ENOUGH : FUNNEL_NO_SPREAD;
}

struct funnel funnel_of(const struct cohorts *cohorts, const char *key)
{
    const struct cohort *all = cohorts_of(cohorts, COHORT_ALL);
    struct funnel funnel = {.groups = cohorts_of(cohorts, key)};
    const struct cohort *end = cohorts->items + cohorts->count;
    for (const struct cohort *group = funnel.groups; group && group < end && strcmp(group->key, key) == 0;
         group++) {
        funnel.count++;
        funnel.drawn += funnel_draws(group);
        if (group->organizations > funnel.largest)
            funnel.largest = group->organizations;
    }
    if (all) {
        funnel.mean = all->mean;
        funnel.deviation = all->deviation;
    }
    funnel.lack = lack_of(&funnel, all);
    return funnel;
}

void funnel_limits(const struct funnel *funnel, double z, double organizations, double limits_out[2])
{
    double reach = z * funnel->deviation / sqrt(organizations);
    limits_out[0] = fmax(funnel->mean - reach, 0);
    limits_out[1] = fmin(funnel->mean + reach, 1000);
}

int funnel_outside(const struct funnel *funnel, const struct cohort *group)
{
    double wide[2], narrow[2];
    funnel_limits(funnel, FUNNEL_999, (double)group->organizations, wide);
    funnel_limits(funnel, FUNNEL_95, (double)group->organizations, narrow);
    int sign = group->mean < funnel->mean ? -1 : 1;
    if (group->mean < wide[0] || group->mean > wide[1])
        return 2 * sign;
    return group->mean < narrow[0] || group->mean > narrow[1] ? sign : 0;
}
