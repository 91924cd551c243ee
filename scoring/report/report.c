#include "scoring/report/report.h"

#include <string.h>

#include "scoring/report/forms.h"

const struct report_form *const report_forms[] = {&report_table, &report_json, &report_jsonl, NULL};

const struct report_form *report_form_named(const char *name)
{
    for (size_t i = 0; report_forms[i]; i++)
        if (strcmp(report_forms[i]->name, name) == 0)
            return report_forms[i];
    return NULL;
}
