#ifndef TARGETS_FIELDS_H
#define TARGETS_FIELDS_H

#include <stdint.h>

#include "targets/document.h"
#include "targets/ranges.h"

/* Reads and checks members of JSON objects. A mistake is a complaint at its place, and reading goes on, so
   that one run names all of them; only want of memory ends it. Out values are left alone where a member is
   absent or wrong, so that a later file can override what it names and nothing else. */
struct fields {
    const struct document *document;
    struct complaints *complaints;
    bool (*unsafe)(uint32_t code); /* characters that no text may hold */
    enum status status;            /* STATUS_NO_MEMORY sticks */
};

enum presence { FIELD_REQUIRED, FIELD_OPTIONAL };

#define fields_complain(fields, value, ...)                                                                  \
    document_complain((fields)->document, (value), (fields)->complaints, __VA_ARGS__)

/* The same at the name of a member. */
#define fields_complain_name(fields, member, ...)                                                            \
    document_complain_name((fields)->document, (member), (fields)->complaints, __VA_ARGS__)

/* How many complaints there are, those left off included. */
size_t fields_complaints(const struct complaints *complaints);

/* Keeps a failure; true when there was none. */
bool fields_keep(struct fields *fields, enum status status);
/* A zeroed array, NULL (and kept) when memory is out; never NULL for no items. */
void *fields_array(struct fields *fields, size_t count, size_t size);
/* A copy; NULL, and kept in status, when memory is out. */
char *fields_copy(struct fields *fields, const char *text);

/* A member by its exact name; NULL when it is not there, and a complaint then if it is required. The example
   is JSON. */
const cJSON *fields_member(struct fields *fields, const cJSON *object, const char *name,
                           enum presence presence, const char *example);
/* The same, of one JSON type; NULL and a complaint for another. */
const cJSON *fields_typed(struct fields *fields, const cJSON *object, const char *name, int type,
                          enum presence presence, const char *example);
/* Complains unless the value is of the type: cJSON_Object, cJSON_Array, cJSON_String, cJSON_Number. */
bool fields_is(struct fields *fields, const cJSON *value, int type, const char *what, const char *example);
/* Complains unless the value is a string with something in it and no controls or invisible characters. */
bool fields_is_text(struct fields *fields, const cJSON *value, const char *what, const char *example);
/* The same for the name of a member. */
bool fields_is_name(struct fields *fields, const cJSON *member);
/* Complains unless the value is an id: 1 to 40 letters, digits, dots, dashes, underscores. */
bool fields_is_id(struct fields *fields, const cJSON *value, const char *what, const char *example);
/* The "id" of an entry of a list of objects when it is one, and no earlier entry has it; else NULL and a
   complaint. */
const char *fields_entry_id(struct fields *fields, const cJSON *list, const cJSON *entry,
                            const char *example);

/* Each sets its out value from a member; a text that was there is freed, and the new one is the caller's. */
void fields_text(struct fields *fields, const cJSON *object, const char *name, enum presence presence,
                 const char *example, char **text_out);
/* Within [least, most], DBL_MAX being no end. */
void fields_number(struct fields *fields, const cJSON *object, const char *name, enum presence presence,
                   double least, double most, const char *example, double *number_out);
void fields_whole(struct fields *fields, const cJSON *object, const char *name, enum presence presence,
                  int least, int most, int *number_out);
/* One of the words of a NULL-ended list, by its place. */
void fields_choice(struct fields *fields, const cJSON *object, const char *name, enum presence presence,
                   const char *const *words, int *choice_out);

/* A required day as calendar.h keeps it; 0 when it is missing or wrong. */
int fields_day(struct fields *fields, const cJSON *object, const char *name, const char *example);
/* One address range in a string; false and a complaint when it is none. */
bool fields_range(struct fields *fields, const cJSON *value, const char *what, struct range *range_out);
/* An array of them, added to the set, which is normal then. True when all were ranges. */
bool fields_ranges(struct fields *fields, const cJSON *array, const char *what, struct ranges *ranges);

#endif
