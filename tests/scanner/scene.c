#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"

void scene_init(struct scene *scene, const char *organizations, const char *authorization, const char *others)
{
    static const char format[] =
        "{\"auscult\":1,%s\"authorization\":{\"reference\":\"t\",\"authorized_by\":\"t\",\"contact\":\"t\","
        "\"valid_from\":\"2020-01-01\",\"valid_until\":\"2099-12-31\"%s},\"organizations\":%s}";
    char text[8192];
    struct complaints complaints;
    assert_true(snprintf(text, sizeof text, format, others, authorization, organizations) < (int)sizeof text);
    complaints_init(&complaints, "scope");
    enum status status = scope_parse(&scene->scope, text, strlen(text), &complaints);
    for (size_t i = 0; i < complaints.count; i++)
        print_error("%s\n", complaints.items[i].text);
    assert_int_equal(status, STATUS_OK);
    complaints_deinit(&complaints);
    assert_int_equal(authorization_new(&scene->scope, &scene->authorization), STATUS_OK);
}

void scene_init_ranges(struct scene *scene, const char *ranges, const char *fragile)
{
    char organizations[4096];
    assert_true(snprintf(organizations, sizeof organizations,
                         "[{\"id\":\"h1\",\"name\":\"h\",\"ranges\":[%s],\"fragile\":[%s]}]", ranges,
                         fragile) < (int)sizeof organizations);
    scene_init(scene, organizations, "", "");
}

void scene_deinit(struct scene *scene)
{
    authorization_free(&scene->authorization);
    scope_deinit(&scene->scope);
}
