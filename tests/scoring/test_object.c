#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "scoring/object.h"

static void test_members(void **state)
{
    (void)state;
    const double pair[2] = {1.5, 2}, half[2] = {1, (double)NAN};
    struct object object = object_begin();
    object_text(&object, "text", "院");
    object_text(&object, "empty", "");
    object_text(&object, "none", NULL);
    object_number(&object, "number", 0.1);
    object_number(&object, "infinite", (double)INFINITY);
    object_pair(&object, "pair", pair);
    object_pair(&object, "half", half);
    object_bool(&object, "yes", true);
    object_add(&object, "list", cJSON_CreateArray());
    cJSON *json = object_end(&object);
    char *text = cJSON_PrintUnformatted(json);
    assert_string_equal(text,
                        "{\"text\":\"院\",\"empty\":null,\"none\":null,\"number\":0.1,\"infinite\":null,"
                        "\"pair\":[1.5,2],\"half\":null,\"yes\":true,\"list\":[]}");
    cJSON_free(text);
    cJSON_Delete(json);
}

/* A member that could not be made is missed at the end, and what comes after it is not lost in memory. */
static void test_failure(void **state)
{
    (void)state;
    struct object object = object_begin();
    object_add(&object, "never", NULL);
    object_add(&object, "late", cJSON_CreateString("text"));
    object_text(&object, "later", "text");
    assert_null(object_end(&object));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
