#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SplitMix64. */
static uint64_t chance_next(struct chance *chance)
{
    uint64_t z = chance->state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

uint64_t chance_below(struct chance *chance, uint64_t count)
{
    return chance_next(chance) % count;
}

bool chance_of(struct chance *chance, uint64_t one_in)
{
    return chance_below(chance, one_in) == 0;
}

void sample_catalogue(struct catalogue *catalogue, const char *text)
{
    struct complaints complaints;
    complaints_init(&complaints, "sample");
    if (catalogue_parse(catalogue, text, strlen(text), &complaints) != STATUS_OK) {
        char *words = complaints_format(&complaints);
        print_error("%s\n%s", text, words);
        free(words);
        fail();
    }
    complaints_deinit(&complaints);
}

static void write_settings(FILE *out, struct chance *chance)
{
    static const char *const bases[] = {"2", "2", "2", "10", "\"e\"", "1.5"};
    static const char *const maps[] = {
        "{\"kind\": \"identity\"}", "{\"kind\": \"identity\"}",
        "{\"kind\": \"power\", \"gamma\": 1.7, \"kappa\": 0.2, \"f_ref\": 4}",
        "{\"kind\": \"quantile\", \"knots\": [[0, 5], [300, 300], [600, 300.5], [950, 990]]}"};
    fprintf(out, "{\"auscult_catalogue\": 1, \"name\": \"sample\", \"frequency\": \"%s\", \"log_base\": %s",
            chance_of(chance, 4) ? "continuous" : "printed", bases[chance_below(chance, 6)]);
    fprintf(out, ", \"g\": %s", maps[chance_below(chance, 4)]);
}

static void write_item(FILE *out, struct chance *chance, size_t item, size_t dimensions)
{
    static const char *const units[] = {"endpoint", "host",         "site", "domain",
                                        "account",  "organization", "key"};
    fprintf(out, "%s{\"id\": \"I%zu\", \"dimension\": \"D%zu\", \"zh\": \"项\", \"en\": \"item\", ",
            item ? ", " : "", item, (size_t)chance_below(chance, dimensions));
    fprintf(out, "\"source\": \"scan\", \"risk\": %d, \"severity\": %d, \"asset\": %d, \"confidence\": %d, ",
            (int)chance_below(chance, 2) + 1, (int)chance_below(chance, 5) + 1,
            (int)chance_below(chance, 5) + 1, (int)chance_below(chance, 5) + 1);
    fprintf(out, "\"threshold\": %g, \"alpha\": %g, \"unit\": \"%s\"}",
            chance_of(chance, 6) ? 1.5 : (double)chance_below(chance, 6),
            0.25 * (double)chance_below(chance, 13), units[chance_below(chance, 7)]);
}

static char *write_catalogue(struct chance *chance)
{
    char *text;
    size_t size, domains = chance_below(chance, 5) + 1, dimensions = chance_below(chance, 12) + 1;
    size_t items = chance_below(chance, 25) + 1;
    FILE *out = open_memstream(&text, &size);
    write_settings(out, chance);
    fprintf(out, ", \"domains\": [");
    for (size_t i = 0; i < domains; i++) {
        fprintf(out, "%s{\"id\": \"K%zu\", \"zh\": \"域\", \"en\": \"domain\"", i ? ", " : "", i);
        fprintf(out, chance_of(chance, 5) ? ", \"omega\": 2.5}" : "}");
    }
    fprintf(out, "], \"dimensions\": [");
    for (size_t i = 0; i < dimensions; i++)
        fprintf(out,
                "%s{\"id\": \"D%zu\", \"domain\": \"K%zu\", \"zh\": \"维\", \"en\": \"dimension\", "
                "\"weight\": %g}",
                i ? ", " : "", i, (size_t)chance_below(chance, domains),
                0.1 * (double)(chance_below(chance, 20) + 1));
    fprintf(out, "], \"items\": [");
    for (size_t i = 0; i < items; i++)
        write_item(out, chance, i, dimensions);
    fprintf(out, "]}");
    fclose(out);
    return text;
}

static struct finding random_finding(const struct catalogue *catalogue, struct chance *chance)
{
    static const double exposures[] = {1.0, 0.6, 0.3, 0.123456789};
    struct finding finding = {.exposure = NAN, .count = 1};
    finding.item = strdup(catalogue->items[chance_below(chance, catalogue->items_count)].id);
    finding.has_address = !chance_of(chance, 4);
    if (finding.has_address) {
        finding.address = address_from_ipv4(0xc0000200 + (uint32_t)chance_below(chance, 12));
        finding.port.number = chance_of(chance, 8) ? 0 : (uint16_t)(20 + chance_below(chance, 3));
        finding.port.transport = chance_of(chance, 6) ? TRANSPORT_UDP : TRANSPORT_TCP;
    }
    if (chance_of(chance, 2)) {
        finding.key = strdup("key0");
        finding.key[3] = (char)('0' + chance_below(chance, 8));
    }
    finding.confidence = chance_of(chance, 2) ? (int)chance_below(chance, 6) : 0;
    finding.asset = chance_of(chance, 2) ? (int)chance_below(chance, 6) : 0;
    if (chance_of(chance, 2))
        finding.exposure = exposures[chance_below(chance, 4)];
    if (chance_of(chance, 5))
        finding.count = chance_below(chance, 40);
    return finding;
}

void sample_init(struct sample *sample, struct chance *chance)
{
    char *text = write_catalogue(chance);
    *sample =
        (struct sample){.options = {.exposure = chance_of(chance, 2) ? 1.0 : 0.6, .informatization = NAN}};
    sample_catalogue(&sample->catalogue, text);
    free(text);
    if (chance_of(chance, 2))
        sample->options.informatization = 0.5 * (double)chance_below(chance, 15);
    sample->findings_count = chance_below(chance, chance_of(chance, 3) ? 200 : 30);
    sample->findings = calloc(sample->findings_count + 1, sizeof *sample->findings);
    sample->assessed = calloc(sample->catalogue.items_count, sizeof *sample->assessed);
    for (size_t i = 0; i < sample->findings_count; i++)
        sample->findings[i] = random_finding(&sample->catalogue, chance);
    for (size_t i = 0; i < sample->catalogue.items_count; i++)
        sample->assessed[i] = chance_of(chance, 3);
}

void sample_deinit(struct sample *sample)
{
    for (size_t i = 0; i < sample->findings_count; i++)
        finding_deinit(&sample->findings[i]);
    free(sample->findings);
    free(sample->assessed);
    catalogue_deinit(&sample->catalogue);
}

void sample_score(const struct sample *sample, const size_t *order, bool parts, struct index **index_out,
                  struct scorecard *scorecard_out)
{
    assert_int_equal(index_new(&sample->catalogue, &sample->options, index_out), STATUS_OK);
    for (size_t i = 0; i < sample->catalogue.items_count; i++)
        if (sample->assessed[i])
            index_assess(*index_out, i);
    for (size_t i = 0; i < sample->findings_count; i++) {
        const struct finding *finding = &sample->findings[order ? order[i] : i];
        assert_int_equal(index_add(*index_out, finding), STATUS_OK);
        if (!parts || i % 7 != 3)
            continue;
        assert_int_equal(index_score(*index_out, scorecard_out), STATUS_OK);
        scorecard_deinit(scorecard_out);
    }
    assert_int_equal(index_score(*index_out, scorecard_out), STATUS_OK);
}

struct finding sample_finding(const char *item, uint32_t address, uint16_t port)
{
    struct finding finding = {.exposure = NAN, .count = 1};
    finding.item = strdup(item);
    finding.has_address = address != 0;
    finding.address = address_from_ipv4(address);
    finding.port = (struct port){port, TRANSPORT_TCP};
    return finding;
}
