#ifndef SCANNER_QUESTION_H
#define SCANNER_QUESTION_H

#include "scanner/way.h"
#include "scanner/wire.h"

/* Questions on our own links who has a target's address, as every engine that sweeps asks them: each under a permit, like
   a SYN. */

/* Those of a span, as `resolve` of struct wire promises. *refused: whether the gate refused one; then and from then on
   nothing is sent. */
MUST_USE enum status questions_send(struct ways *ways, const struct wire_settings *settings, bool *refused,
                                    struct wire_span span, struct wire_sent *sent_out);

#endif
