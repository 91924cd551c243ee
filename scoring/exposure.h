#ifndef SCORING_EXPOSURE_H
#define SCORING_EXPOSURE_H

#include "scoring/baseline.h"

/* What is counted when hosts are compared: a host is exposed when one of these ports is open on it, whatever
   answers there (model.md §6). */
struct exposure {
    const char *id;       /* "open-3306"; borrowed, as the names are */
    const char *names[2]; /* by enum language */
    struct ports ports;
};

struct exposures {
    struct exposure *items;
    size_t count;
};

/* The program's own: 3306, 3389, 445, each database port, mail, remote login, medical; then those ports of the
   baseline's figures that are not among them. Borrows the baseline, which may be NULL. */
MUST_USE enum status exposures_init(struct exposures *exposures, const struct baseline *baseline);
void exposures_deinit(struct exposures *exposures);
/* The place of the exposure with just these ports; SIZE_MAX for none. */
size_t exposures_find(const struct exposures *exposures, const struct ports *ports);

#endif
