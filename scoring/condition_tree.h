#ifndef SCORING_CONDITION_TREE_H
#define SCORING_CONDITION_TREE_H

#include "scoring/condition.h"

/* A condition as read, private to condition*.c. */

enum condition_kind {
    CONDITION_ALL,
    CONDITION_ANY,
    CONDITION_NOT, /* one child */
    CONDITION_COMPARE,
    CONDITION_IS_UNDETERMINED,
};

enum subject {
    SUBJECT_FACT,
    SUBJECT_SERVICE,
    SUBJECT_PRODUCT,
    SUBJECT_VERSION,
    SUBJECT_PORT,
    SUBJECT_TRANSPORT,
    SUBJECT_TLS,
    SUBJECT_END_OF_LIFE, /* of the product and version, end_of_life.h */
};

enum comparison {
    COMPARE_EQUAL,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_GREATER,
    COMPARE_GREATER_EQUAL,
    COMPARE_NOT_EQUAL,
    COMPARE_IN,
    COMPARE_VERSION_LESS,
    COMPARE_BEFORE,
};

/* The value that stands beside a comparison. */
struct operand {
    int64_t number; /* bool, integer, time */
    bool now;       /* time: the observation's own */
    char *text;     /* text: owned */
};

struct condition {
    enum condition_kind kind;
    struct condition **children; /* owned */
    size_t children_count;
    enum subject subject;
    enum fact_type type;             /* of the subject */
    const struct fact *fact;         /* SUBJECT_FACT */
    struct end_of_life *end_of_life; /* SUBJECT_END_OF_LIFE: owned */
    enum comparison comparison;
    struct operand *operands; /* one, or those of "in" */
    size_t operands_count;
};

#endif
