#ifndef TESTS_TARGETS_AUTHORIZE_H
#define TESTS_TARGETS_AUTHORIZE_H

#include "targets/authorization.h"

#define YEAR_2026 "\"valid_from\": \"2026-01-01\", \"valid_until\": \"2026-12-31\", \"timezone\": "

/* A scope of one organization, 192.0.2.0/24 but .66, with .128/26 fragile, and these keys in its
   authorization; to be given back with dismiss. */
struct authorization *authorize(struct scope *scope, const char *keys);
void dismiss(struct scope *scope, struct authorization *authorization);
/* What is said of a TCP port; the permit is given back at once. */
enum refusal ask(struct authorization *authorization, const char *text, uint16_t number, int64_t now_s);

#endif
