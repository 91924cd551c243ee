#ifndef SCORING_CONDITION_H
#define SCORING_CONDITION_H

#include "probes/observation.h"
#include "targets/document.h"

/* A condition over the facts of one observation (contract.md, "when"), in three values (Kleene): what was not
   determined does not become "no", and what no probe looked at is not determined either, unless another part
   decides. */
enum verdict { VERDICT_NO, VERDICT_YES, VERDICT_UNDETERMINED };

struct condition;

/* Reads {"fact": value}, {"fact": {"lt"|"le"|"gt"|"ge"|"ne"|"in"|"version_lt"|"before": …}}, "all", "any",
   "not", "undetermined" (of a name: yes where no value of it is known, be it that nobody looked). Several
   members of one object all have to hold. Names besides facts: service, product, version, port, transport,
   tls. "before" takes a date or "now". An unknown fact, operator or a wrong type is a complaint, and NULL.
   Depth is capped by the document. */
struct condition *condition_read(const struct document *document, const cJSON *value,
                                 struct complaints *complaints);
void condition_free(struct condition **condition);
/* A condition on `service` that the observation's service contradicts is "no" whatever its facts are. "now"
   is the observation's own time. */
enum verdict condition_judge(const struct condition *condition, const struct observation *observation);
/* Has the condition anything to do with this endpoint? Not where service, port, transport or tls rule it out,
   nor where nothing that it rests on was looked at. Only what concerns an endpoint is asked of it. */
bool condition_concerns(const struct condition *condition, const struct observation *observation);
/* Names of the facts that it rests on, for the evidence of a finding: calls back once each. */
void condition_facts(const struct condition *condition, void (*each)(void *context, const char *fact),
                     void *context);
/* The end of life (YYYYMMDD) that it rests on, for the same; 0: none. */
int condition_end_of_life(const struct condition *condition, const struct observation *observation);

#endif
