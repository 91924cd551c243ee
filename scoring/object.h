#ifndef SCORING_OBJECT_H
#define SCORING_OBJECT_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/* A JSON object in the making. The first failure sticks, so that only the end needs a look. */
struct object {
    cJSON *json;
    bool failed;
};

struct object object_begin(void);
/* Each adds a member. */
void object_add(struct object *object, const char *name, cJSON *value);      /* takes the value; NULL fails */
void object_text(struct object *object, const char *name, const char *text); /* NULL and "" become null */
void object_number(struct object *object, const char *name, double number);  /* what is none becomes null */
void object_pair(struct object *object, const char *name, const double pair[2]); /* NAN in it: null */
void object_bool(struct object *object, const char *name, bool value);
/* The object; NULL when memory was out. The caller deletes. */
cJSON *object_end(struct object *object);

#endif
