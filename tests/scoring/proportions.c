#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "proportions.h"

#define CASES_MAX 2000
#define COLUMNS   14

static void read_case(const char *line, struct proportion_case *one)
{
    double values[COLUMNS];
    char *rest;
    for (size_t i = 0; i < COLUMNS; i++, line = rest) {
        values[i] = strtod(line, &rest);
        assert_true(rest != line);
    }
    *one = (struct proportion_case){
        .family = (size_t)values[0],
        .holm = values[1],
        .k = (uint64_t)values[2],
        .n = (uint64_t)values[3],
        .p0 = values[4],
        .mass = values[5],
        .wilson = {values[6], values[7]},
        .clopper = {values[8], values[9]},
        .greater = values[10],
        .two_sided = values[11],
        .greater_exact = values[12],
        .two_sided_exact = values[13],
    };
}

struct proportion_case *proportion_cases(size_t *count_out)
{
    struct proportion_case *cases = calloc(CASES_MAX, sizeof *cases);
    FILE *table = fopen(TEST_FOLDER "/proportions.tsv", "r");
    char line[1024];
    assert_non_null(cases);
    assert_non_null(table);
    *count_out = 0;
    while (fgets(line, sizeof line, table) && *count_out < CASES_MAX)
        if (line[0] != '#')
            read_case(line, &cases[(*count_out)++]);
    fclose(table);
    assert_true(*count_out >= 1000);
    return cases;
}

void assert_near(double got, double expected, const char *what, const struct proportion_case *of)
{
    if (!(fabs(got - expected) <= 1e-9))
        fail_msg("%s of %llu of %llu against %.17g: %.17g in place of %.17g", what, (unsigned long long)of->k,
                 (unsigned long long)of->n, of->p0, got, expected);
}
