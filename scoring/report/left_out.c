#include "scoring/report/left_out.h"

#include <math.h>

#include "scoring/sighting.h"

struct leaving {
    struct weighing weighing;
    void (*each)(void *context, const struct finding *finding, const struct accepted_risk *risk, bool marked);
    void *context;
};

static void look_at(void *context, struct evidence_import *from, const struct finding *finding)
{
    const struct leaving *leaving = context;
    const struct accepted_risk *mark = weighing_mark(&leaving->weighing, finding);
    const struct accepted_risk *risk = mark ? mark : weighing_risk(&leaving->weighing, finding);
    (void)from;
    if (risk)
        leaving->each(leaving->context, finding, risk, mark != NULL);
}

enum status left_out_each(const struct report *report, const struct report_organization *row,
                          void (*each)(void *context, const struct finding *finding,
                                       const struct accepted_risk *risk, bool marked),
                          void *context)
{
    const struct index_options options = {.exposure = 1,
                                          .informatization = (double)NAN,
                                          .organization = row->organization,
                                          .scope = report->scope,
                                          .today = report->today};
    struct leaving leaving = {.each = each, .context = context};
    const struct weighing *weighing = &leaving.weighing;
    enum status status = weighing_init(&leaving.weighing, report->catalogue, &options);
    if (status == STATUS_OK && report->evidence && weighing->risks_count + weighing->marks_count)
        status = evidence_each_finding(report->evidence, row->organization->id, look_at, &leaving);
    weighing_deinit(&leaving.weighing);
    return status;
}
