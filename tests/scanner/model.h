#ifndef TESTS_SCANNER_MODEL_H
#define TESTS_SCANNER_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "targets/address.h"

/* A random scope's words, and beside them what they mean, place by place, without any of the code that reads or plans
   them. Every address that the words may name is a place; some are beside all of them, or only look like one. */

#define MODEL_PLACES   160
#define MODEL_PORTS    18
#define MODEL_TEXT_MAX 8192
#define MODEL_OWNERS   3
#define MODEL_LIST_MAX 128

struct model {
    uint64_t dice;
    struct address addresses[MODEL_PLACES];
    char texts[MODEL_PLACES][48]; /* as inet_ntop writes them */
    int owners[MODEL_PLACES];     /* organization o0, o1, …; -1: nobody */
    bool excluded[MODEL_PLACES], fragile[MODEL_PLACES];
    uint16_t ports[MODEL_PORTS];
    bool allowed[MODEL_PORTS], wanted[MODEL_PORTS]; /* TCP */
    bool udp_allowed;                               /* where the authorization lists no ports */
    char wanted_text[MODEL_LIST_MAX];
    char text[MODEL_TEXT_MAX]; /* the scope */
};

/* The scope of a number is always the same. */
void model_make(struct model *model, uint64_t number);
uint64_t model_below(struct model *model, uint64_t bound);

static inline bool model_grants(const struct model *model, int place)
{
    return model->owners[place] >= 0 && !model->excluded[place];
}

#endif
