#ifndef SCORING_FEEDS_NMAP_MAP_H
#define SCORING_FEEDS_NMAP_MAP_H

#include "scoring/feeds/feed.h"
#include "targets/fields.h"

/* What nmap's words mean: the map "nmap".

   "services" gives our word for a name that nmap's version detection found. "products" gives our "product" for
   the "name" of one, the first that fits, where the version holds "version_holds"; what "version_after" says is
   cut from its start, and with "version_told" false it is none. A version with one of "vague_versions" in it is a guess, and none is taken over.
   "scripts" says what a script's result determines. "script" is its id; "at" the keys that lead to an element of
   it, "a/b/c" with * for any, and where there is no "at" its output is meant; "is", "starts" or "holds" compare
   the text there, and without them any will do. What then holds: "facts" of the endpoint, and "else" where the
   script ran and the text was not there; "fact", a text fact that takes the text; "certificate", the text is a
   certificate; "item", which is found. "service": of scripts about a host, whose endpoints the facts are of. */

#define NMAP_RULES_MAX 128

enum nmap_comparison { NMAP_ANY, NMAP_IS, NMAP_STARTS, NMAP_HOLDS };

struct nmap_rule {
    const char *script, *at, *service;
    enum nmap_comparison comparison;
    const char *text;
    const cJSON *facts, *otherwise;
    const struct fact *fact;
    bool certificate;
    const struct item *item;
};

struct nmap_map {
    const cJSON *services, *products, *vague; /* borrow from the document, like the rules */
    struct nmap_rule rules[NMAP_RULES_MAX];
    size_t rules_count;
};

MUST_USE enum status nmap_map_read(struct nmap_map *map, const struct feed_call *call);
/* Our word for a service; NULL when the map has none. */
const char *nmap_map_service(const struct nmap_map *map, const char *name);
/* Names the product as we do, or else as nmap does; version NULL: none was told. */
void nmap_map_product(const struct nmap_map *map, const char *name, const char *version,
                      struct observation *observation);
/* Does the rule speak of this place of the script, and is its text there? at NULL: the output. */
bool nmap_rule_matches(const struct nmap_rule *rule, const char *script, const char *at, const char *text);
/* Sets what a rule that matched with this text says of the endpoint, or what it says where none matched. */
MUST_USE enum status nmap_rule_apply(const struct nmap_rule *rule, const char *text,
                                     struct observation *observation);
void nmap_rule_apply_else(const struct nmap_rule *rule, struct observation *observation);

#endif
