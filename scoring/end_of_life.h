#ifndef SCORING_END_OF_LIFE_H
#define SCORING_END_OF_LIFE_H

#include "scoring/condition.h"

/* Until when makers mend their software (scoring/data/end-of-life.json). Three values: a product or cycle
   that the table does not have is not determined, and neither is what a distribution may still mend after its
   maker has stopped, be it that the version carries a packager's mark or that some packager's builds carry
   none (probes.md §3 trap 1), nor what is mended for money. */

struct end_of_life_cycle {
    char cycle[16];   /* "5.7": versions 5.7 and 5.7.anything */
    int end_day;      /* YYYYMMDD, that day included; 0: maintained when the table was made */
    int extended_day; /* mended for money until then; 0: not */
    int packaged_day; /* a distribution without marks maintains it until then; 0: none does */
};

struct end_of_life_product {
    char product[64]; /* as observations name it */
    struct end_of_life_cycle *cycles;
    size_t cycles_count;
};

struct end_of_life {
    int day; /* of the table */
    struct end_of_life_product *products;
    size_t products_count;
};

/* Reads a table in the form of the built-in one, which is read where text is NULL. STATUS_WRONG_FILE when it
   is none. */
MUST_USE enum status end_of_life_read(const char *text, struct end_of_life *table_out);
void end_of_life_deinit(struct end_of_life *table);

/* Is the software that the observation names past its end at the observation's time? *why_out, static, says
   why where that is not determined; *day_out is the cycle's end where there is one, else 0. */
enum verdict end_of_life_judge(const struct end_of_life *table, const struct observation *observation,
                               const char **why_out, int *day_out);

#endif
