#ifndef SCORING_FEEDS_MAP_RULES_H
#define SCORING_FEEDS_MAP_RULES_H

#include "scoring/feeds/indicators.h"
#include "scoring/feeds/map.h"

/* Maps that are lists of rules, and what such rules write alike. As in fields.h a mistake is a complaint, and
   reading goes on. */

#define MAP_RULES_MAX 1024
#define MAP_TEXTS_MAX 4096
#define MAP_ITEMS_MAX 8

/* The items that a rule names: "N1-1" or ["N3-2", "H10-1"], as their places in the catalogue. */
struct map_items {
    size_t at[MAP_ITEMS_MAX];
    size_t count;
};
void map_items(struct fields *fields, const cJSON *rule, const struct catalogue *catalogue,
               struct map_items *items_out);

/* A list of texts, or one, ended by NULL; NULL where the member is absent. Caller frees with map_texts_free. */
char **map_texts(struct fields *fields, const cJSON *rule, const char *name, const char *example);
void map_texts_free(char ***texts);

/* true or false; `otherwise` where it is absent. */
bool map_flag(struct fields *fields, const cJSON *rule, const char *name, bool otherwise);

/* "indicator": {"on": ["address", "name", "url"], "with": ["malware"], "without": ["benign"]}; all zero where
   it is absent. */
void map_indicator(struct fields *fields, const cJSON *rule, struct indicator_condition *condition_out);
/* The words alone, "with" and "without", of an object. */
void map_words(struct fields *fields, const cJSON *object, struct indicator_condition *condition_out);

/* How the rules of one feed's maps are read. */
struct map_form {
    const char *feed;
    size_t size; /* of a rule, which is all zero before it is read */
    void (*read)(struct fields *fields, const cJSON *object, const struct catalogue *catalogue,
                 void *rule_out);
};

/* All rules of a map, which has "rules", a "name", perhaps a "note", and no more; caller frees *rules_out, also
   after a failure, with *count_out rules in it. STATUS_WRONG_FILE: the complaints say what and where. */
MUST_USE enum status map_rules_read(const struct map_form *form, const struct document *document,
                                    const struct catalogue *catalogue, struct complaints *complaints,
                                    void **rules_out, size_t *count_out);

#endif
