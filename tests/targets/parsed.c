#include "parsed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

void assert_parsed(struct scope *scope, const char *text)
{
    struct complaints complaints;
    complaints_init(&complaints, "scope.json");
    enum status status = scope_parse(scope, text, strlen(text), &complaints);
    char *said = complaints_format(&complaints);
    if (status != STATUS_OK || complaints.count)
        fail_msg("%s\nis right, but gives status %d and\n%s", text, status, said);
    free(said);
    complaints_deinit(&complaints);
}
