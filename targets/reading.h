#ifndef TARGETS_READING_H
#define TARGETS_READING_H

#include "targets/document.h"
#include "targets/scope.h"

/* The reading of one scope file, private to scope*.c. Each part reads on after a mistake, so that one run
   names all of them; only want of memory ends it. */
struct reading {
    struct document document;
    struct scope *scope;
    struct complaints *complaints;
    enum status status; /* STATUS_NO_MEMORY sticks */
};

/* The parts of the file, in the order in which they are read; each begins at its value in the tree. */
void scope_authorization_read(struct reading *reading, const cJSON *authorization);
void scope_organizations_read(struct reading *reading, const cJSON *organizations);
/* Needs the organizations. */
void scope_accepted_read(struct reading *reading, const cJSON *accepted);

/* Complains about a value. */
#define reading_complain(reading, value, ...)                                                                \
    document_complain(&(reading)->document, (value), (reading)->complaints, __VA_ARGS__)

/* Keeps a failure; true when there was none. */
bool reading_keep(struct reading *reading, enum status status);
/* A zeroed array, NULL (and kept) when memory is out; never NULL for no items. */
void *reading_array(struct reading *reading, size_t count, size_t size);

enum need { NEED_REQUIRED, NEED_OPTIONAL };

/* A member by its exact name; NULL when it is not there, and a complaint then if it is required. The example
 * is JSON. */
const cJSON *reading_member(struct reading *reading, const cJSON *object, const char *name, enum need need,
                            const char *example);
/* The same, of one JSON type: cJSON_Object, cJSON_Array, cJSON_String or cJSON_Number; NULL and a complaint
 * for another. */
const cJSON *reading_typed(struct reading *reading, const cJSON *object, const char *name, int type,
                           enum need need, const char *example);
/* Complains unless it is of the type. */
bool reading_is(struct reading *reading, const cJSON *value, int type, const char *what, const char *example);

/* A string that is neither empty nor holds controls; NULL when there is no such member or it is wrong. Caller
 * frees. */
char *reading_text(struct reading *reading, const cJSON *object, const char *name, enum need need,
                   const char *example);
/* The same check for a value at hand. */
bool reading_is_text(struct reading *reading, const cJSON *value, const char *what, const char *example);
/* The same check for the name of a member. */
bool reading_is_name(struct reading *reading, const cJSON *member);
/* A copy of a string. */
char *reading_copy(struct reading *reading, const char *text);
/* A number within [least, most], DBL_MAX being no end; leaves *number_out alone when it is absent or wrong.
 */
void reading_number(struct reading *reading, const cJSON *object, const char *name, double least, double most,
                    const char *example, double *number_out);
/* A day as calendar.h keeps it; 0 when it is missing or wrong. */
int reading_day(struct reading *reading, const cJSON *object, const char *name, const char *example);
/* One address range in a string; false and a complaint when it is none. */
bool reading_range(struct reading *reading, const cJSON *value, const char *what, struct range *range_out);
/* An array of them, added to the set, which is normal then. True when all were ranges. */
bool reading_ranges(struct reading *reading, const cJSON *array, const char *what, struct ranges *ranges);

#endif
