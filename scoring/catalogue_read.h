#ifndef SCORING_CATALOGUE_READ_H
#define SCORING_CATALOGUE_READ_H

#include "scoring/catalogue.h"
#include "targets/fields.h"

/* One file on its way into a catalogue, private to catalogue*.c. Each part reads on after a mistake; the
   catalogue is of use only when no complaint came. */
struct catalogue_reading {
    struct fields fields;
    struct catalogue *catalogue;
    bool extends; /* what has an id that is known already is overridden, not repeated */
};

#define CATALOGUE_DOMAINS_MAX    128
#define CATALOGUE_DIMENSIONS_MAX 1024
#define CATALOGUE_ITEMS_MAX      4096

/* frequency, log_base, g. */
void catalogue_read_settings(struct catalogue_reading *reading, const cJSON *root);
/* The value of "g", in place of the one that was there (model.md §3 step 6). */
void catalogue_read_g(struct catalogue_reading *reading, const cJSON *object);
/* domains, dimensions. */
void catalogue_read_tree(struct catalogue_reading *reading, const cJSON *root);
/* Needs the dimensions. */
void catalogue_read_items(struct catalogue_reading *reading, const cJSON *root);

/* The texts in both languages that a member names; at least one of them. Left alone where it is absent. */
void catalogue_read_words(struct fields *fields, const cJSON *entry, const char *name, struct words *words);
/* The list of that name when it is a list of at most `most`; a file that stands alone must have one. */
const cJSON *catalogue_list(struct catalogue_reading *reading, const cJSON *root, const char *name,
                            size_t most);
/* Sets the place of the domain or dimension that a member names by its id; left alone where it is absent or
   wrong. */
void catalogue_place(struct catalogue_reading *reading, const cJSON *entry, const char *name,
                     enum presence presence, const char *example,
                     size_t (*find)(const struct catalogue *catalogue, const char *id), size_t *place_out);
/* Its place by its id; SIZE_MAX for none. */
size_t catalogue_dimension(const struct catalogue *catalogue, const char *id);
/* Room for one more, zeroed, behind the `count` that are there; NULL when memory is out. */
void *catalogue_grow(struct catalogue_reading *reading, void *array, size_t count, size_t size);

#endif
