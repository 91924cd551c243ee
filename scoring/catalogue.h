#ifndef SCORING_CATALOGUE_H
#define SCORING_CATALOGUE_H

#include "scoring/condition.h"
#include "targets/complaint.h"
#include "targets/ports.h"

/* The catalogue (contract.md, "Catalogue file"; model.md §1, §3): domains hold dimensions, dimensions hold
 * items. */

/* Which kind of source can determine an item (model.md §2). */
enum item_source { SOURCE_SCAN, SOURCE_IMPORT, SOURCE_SURVEY };

/* What one occurrence is counted by. */
enum item_unit {
    UNIT_ENDPOINT,
    UNIT_HOST,
    UNIT_SITE,
    UNIT_DOMAIN,
    UNIT_ACCOUNT,
    UNIT_ORGANIZATION,
    UNIT_KEY
};

/* A text in both languages. */
struct words {
    char *zh;
    char *en;
};

enum language { LANGUAGE_ZH, LANGUAGE_EN };
/* Falls back on the other language, then on "". */
const char *words_in(const struct words *words, enum language language);
void words_deinit(struct words *words);

struct domain {
    char *id;
    struct words name;
    double omega; /* NAN: the count of its dimensions */
};

struct dimension {
    char *id;
    size_t domain;
    struct words name;
    double weight; /* beta before it is normalised */
};

struct item {
    char *id;
    size_t dimension;
    struct words name;
    enum item_source source;
    int risk, severity, asset, confidence;
    double threshold;
    double alpha;
    enum item_unit unit;
    int window_days;        /* how long what was seen of it counts; 0: until the same source says otherwise */
    struct ports ports;     /* where a scan looks for it */
    struct condition *when; /* NULL: no scan of ours determines it */
    struct words waits;     /* what an item without `when` waits for */
    struct words fix;
    char **references; /* ended by NULL */
    bool extension;    /* added by a file that extends another */
};

enum frequency { FREQUENCY_PRINTED, FREQUENCY_CONTINUOUS };

/* What a g was fitted to (calibration.h); name NULL: nothing, it was written down. */
struct g_fit {
    char *name;
    int day;          /* YYYYMMDD */
    char *population; /* in words, of how many organizations seen when and from where */
    char *baseline;   /* the name of the one that it reproduces; NULL: not said */
    double error;     /* standard error of a mean index that is got by it, in points; NAN: not said */
};

enum g_kind { G_IDENTITY, G_POWER, G_QUANTILE };
struct g {
    enum g_kind kind;
    double gamma, kappa, f_ref;
    double (*knots)[2]; /* raw, index; raw strictly rising, index never falling */
    size_t knots_count;
    struct g_fit fit;
};
void g_deinit(struct g *g);
/* The name of its fit; "identity" for the one that changes nothing; NULL for one that was written down. */
const char *g_label(const struct g *g);

struct catalogue {
    char *name; /* with the names of its extensions: "cn-medical-2018+auscult-2026" */
    enum frequency frequency;
    double log_base; /* 0: the natural logarithm */
    struct g g;
    struct domain *domains;
    size_t domains_count;
    struct dimension *dimensions;
    size_t dimensions_count;
    struct item *items;
    size_t items_count;
    size_t *slots; /* for catalogue_item once all are read: 1 + an item's number, or 0; a power of two */
    size_t slots_count;
};

#define CATALOGUE_DEFAULT   "cn-medical-2018"
#define CATALOGUE_EXTENSION "auscult-2026"

/* Is each of the names that "a+b" joins among those of the catalogue? */
bool catalogue_names(const struct catalogue *catalogue, const char *names);

/* Reads one after the other: each is the name of a built-in or a file's path. The first must not extend
   another unless that one is built in (it is then loaded before it). count 0: the default with its extension.
   Complaints name file, line and column. */
MUST_USE enum status catalogue_load(struct catalogue *catalogue, const char *const *sources, size_t count,
                                    struct complaints *complaints);
/* The same of one text, which complaints call by the name that they have already. */
MUST_USE enum status catalogue_parse(struct catalogue *catalogue, const char *text, size_t size,
                                     struct complaints *complaints);
void catalogue_deinit(struct catalogue *catalogue);
/* The index of an item, or SIZE_MAX. */
size_t catalogue_item(const struct catalogue *catalogue, const char *id);
size_t catalogue_dimensions_of(const struct catalogue *catalogue, size_t domain);
/* Every TCP port (or UDP, by the flag) at which a scan item with a condition looks, each once. Caller
 * deinits. */
MUST_USE enum status catalogue_ports(const struct catalogue *catalogue, enum transport transport,
                                     struct ports *ports_out);
const char *item_source_name(enum item_source source);
const char *item_unit_name(enum item_unit unit);

#endif
