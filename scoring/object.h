#ifndef SCORING_OBJECT_H
#define SCORING_OBJECT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "targets/address.h"
#include "targets/ports.h"

/* A JSON object in the making. The first failure sticks, so that only the end needs a look. */
struct object {
    cJSON *json;
    bool failed;
};

struct object object_begin(void);
struct object object_record(const char *type); /* begun with its "type" */
/* Each adds a member. */
void object_add(struct object *object, const char *name, cJSON *value);      /* takes the value; NULL fails */
void object_text(struct object *object, const char *name, const char *text); /* NULL and "" become null */
void object_number(struct object *object, const char *name, double number);  /* what is none becomes null */
void object_pair(struct object *object, const char *name, const double pair[2]); /* NAN in it: null */
void object_bool(struct object *object, const char *name, bool value);
/* In RFC 3339, UTC, milliseconds since the epoch; "2026-01-31" of YYYYMMDD. 0 becomes null. */
void object_moment(struct object *object, const char *name, int64_t ms);
void object_day(struct object *object, const char *name, int day);
/* "ip", and where there is a port "port" and "transport". */
void object_endpoint(struct object *object, struct address address, struct port port);
/* The object; NULL when memory was out. The caller deletes. */
cJSON *object_end(struct object *object);

#endif
