#ifndef SCORING_FACTS_H
#define SCORING_FACTS_H

#include <cjson/cJSON.h>

#include "probes/observation.h"

/* Facts as JSON, the one form of them for store, records and the evidence of findings: true and false, whole
   numbers (beyond 2^53 as decimal text, since JSON readers keep no more), text, times in RFC 3339 (outside
   the years 0000 to 9999 as seconds since the epoch). The declared type of a fact tells how to read it back.
 */

/* The value of one known fact; NULL when memory is out. */
cJSON *fact_to_json(const struct fact_value *value);
/* {"mysql.tls_offered": false, …}: those known; and {"mysql.tls_works": "why", …}: those not determined. NULL
 * when memory is out; the caller deletes. */
cJSON *facts_known(const struct observation *observation);
cJSON *facts_undetermined(const struct observation *observation);

/* Sets the fact that `value` names (its member name) to it. Text is made safe. Returns NULL when it was set,
   else what would be right, static: "…is no fact of any probe", "…should be true or false". */
const char *facts_set(struct observation *observation, const cJSON *value);
/* The same with the reason why it is not determined. */
const char *facts_set_undetermined(struct observation *observation, const cJSON *why);

#endif
