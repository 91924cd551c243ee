#ifndef TESTS_SCANNER_SCENE_H
#define TESTS_SCANNER_SCENE_H

#include "targets/authorization.h"

/* A scope of one test and the authorization that it gives. */
struct scene {
    struct scope scope;
    struct authorization *authorization;
};

/* organizations: the JSON text of the array; authorization: further members of that object, each with a comma
   before it; others: further members of the scope, each with a comma behind it. The test fails where it is no
   right scope. */
void scene_init(struct scene *scene, const char *organizations, const char *authorization,
                const char *others);
/* One organization "h1". */
void scene_init_ranges(struct scene *scene, const char *ranges, const char *fragile);
void scene_deinit(struct scene *scene);

#endif
