#include "scoring/report/changes_forms.h"
#include "scoring/report/changes_records.h"

const struct report_form *const changes_forms[] = {&changes_table, &changes_json, &changes_jsonl, NULL};

static enum status write_json(const struct report *report, FILE *stream)
{
    enum status status =
        fputs("{\"auscult_changes\":1,\n\"changes\":", stream) < 0 ? STATUS_SYSTEM : STATUS_OK;
    if (status == STATUS_OK)
        status = changes_write_object(report, stream);
    return status == STATUS_OK && fputs("}\n", stream) < 0 ? STATUS_SYSTEM : status;
}

const struct report_form changes_json = {.name = "json", .write = write_json};
const struct report_form changes_jsonl = {.name = "jsonl", .write = changes_write_lines};
