#include "scoring/report/left_out.h"

#include <math.h>

enum status left_out_begin(const struct report *report, const struct report_organization *row,
                           struct left_out *left_out)
{
    left_out->options = (struct index_options){.exposure = 1,
                                               .informatization = (double)NAN,
                                               .organization = row->organization,
                                               .scope = report->scope,
                                               .today = report->today};
    return weighing_init(&left_out->weighing, report->catalogue, &left_out->options);
}

void left_out_end(struct left_out *left_out)
{
    weighing_deinit(&left_out->weighing);
}

const struct accepted_risk *left_out_risk(const struct left_out *left_out, const struct finding *finding,
                                          bool *marked_out)
{
    const struct accepted_risk *mark = weighing_mark(&left_out->weighing, finding);
    *marked_out = mark != NULL;
    return mark ? mark : weighing_risk(&left_out->weighing, finding);
}
