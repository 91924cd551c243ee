#ifndef SCORING_EVALUATION_STREAM_H
#define SCORING_EVALUATION_STREAM_H

#include "scoring/evaluation.h"

/* An evaluation of what comes by without being stored, organization by organization: each is scored when the
   next one begins, and only that is kept of it which an evaluation keeps. */
struct evaluation_stream;

/* Borrows the options' parts. moment_ms is not looked at: there are no imports. */
MUST_USE enum status evaluation_stream_new(const struct evaluation_options *options,
                                           struct evaluation_stream **stream_out);
void evaluation_stream_free(struct evaluation_stream **stream);
/* Whose the next findings and assessed items are. STATUS_MISMATCH: its turn was over; the stream is of no more
   use then, since what it had is forgotten. */
MUST_USE enum status evaluation_stream_enter(struct evaluation_stream *stream, const char *organization);
/* Items of another catalogue, and findings that the scope has no owner for, are left out. */
MUST_USE enum status evaluation_stream_add(struct evaluation_stream *stream, const struct finding *finding);
void evaluation_stream_assess(struct evaluation_stream *stream, const char *item);
/* What evaluation_make gives of a run that holds the same and nothing else; its evidence is empty. The stream is
   used up. */
MUST_USE enum status evaluation_stream_end(struct evaluation_stream *stream,
                                           struct evaluation *evaluation_out);

#endif
