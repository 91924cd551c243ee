#include "authorize.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parsed.h"

struct authorization *authorize(struct scope *scope, const char *keys)
{
    struct authorization *authorization;
    char *text = NULL;
    assert_true(
        asprintf(&text,
                 "{ \"auscult\": 1, \"exclude\": [\"192.0.2.66\", \"203.0.113.0/24\"], \"authorization\": { "
                 "\"reference\": \"r\", \"authorized_by\": \"a\", \"contact\": \"c\", %s }, "
                 "\"organizations\": [ { "
                 "\"id\": \"h001\", \"name\": \"n\", \"ranges\": [\"192.0.2.0/24\", \"2001:db8::/120\"], "
                 "\"fragile\": [\"192.0.2.128/26\"] } ] }",
                 keys) > 0);
    assert_parsed(scope, text);
    free(text);
    assert_int_equal(authorization_new(scope, &authorization), STATUS_OK);
    return authorization;
}

void dismiss(struct scope *scope, struct authorization *authorization)
{
    authorization_free(&authorization);
    assert_null(authorization);
    scope_deinit(scope);
}

enum refusal ask(struct authorization *authorization, const char *text, uint16_t number, int64_t now_s)
{
    struct address address;
    const struct permit *permit;
    assert_true(address_parse(text, strlen(text), &address));
    enum refusal refusal =
        authorization_permit(authorization, address, (struct port){number, TRANSPORT_TCP}, now_s, &permit);
    assert_int_equal(permit != NULL, refusal == REFUSAL_NONE);
    authorization_release(authorization, permit);
    return refusal;
}
