#ifndef SCANNER_COMMANDS_BUNDLES_H
#define SCANNER_COMMANDS_BUNDLES_H

#include "scoring/feeds/indicators.h"

/* Reads bundles of STIX 2.1 into one set of indicators, settled. False after a message on standard error. */
bool bundles_read(struct indicators *indicators_out, const char *const *paths, size_t count);

#endif
