#include "scanner/commands/intake.h"
#include "scoring/assessment.h"
#include "scoring/evidence.h"

static enum status assess_imports(const struct intake *intake, const struct scope *scope,
                                  const struct catalogue *catalogue)
{
    struct evidence imports;
    enum status status = evidence_init(&imports, intake->store, NULL, catalogue, intake->moment_ms);
    for (size_t i = 0; i < imports.imports_count && status == STATUS_OK; i++)
        status = assessment_make(intake->store, &imports.imports[i].run, scope, catalogue);
    evidence_deinit(&imports);
    return status;
}

enum status intake_assess(const struct intake *intake, const struct scope *scope,
                          const struct catalogue *catalogue)
{
    enum status status = assess_imports(intake, scope, catalogue);
    if (status != STATUS_OK)
        return status;
    if (intake->assessed)
        return assessment_find(intake->store, &intake->run, catalogue);
    /* A scan that found nothing open has looked all the same. */
    bool looked = intake->observations || intake->scanned;
    return looked ? assessment_make(intake->store, &intake->run, scope, catalogue) : STATUS_OK;
}

double intake_seconds(const struct intake *intake)
{
    const struct store_run *run = &intake->run;
    return run->ended_ms > run->started_ms ? (double)(run->ended_ms - run->started_ms) / 1000 : 0;
}
