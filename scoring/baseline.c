#include "scoring/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "scoring/baseline_read.h"
#include "scoring/data.h"

const char *denominator_word(enum denominator denominator)
{
    return denominator_words[denominator];
}

const char *denominator_name(enum denominator denominator, enum language language)
{
    static const char *const names[][2] = {
        [DENOMINATOR_ADDRESS] = {"授权地址", "authorized addresses"},
        [DENOMINATOR_ANSWERED] = {"有应答的地址", "addresses that answered"},
        [DENOMINATOR_HOST] = {"有开放端口的主机", "hosts with an open port"},
        [DENOMINATOR_ORGANIZATION] = {"机构", "organizations"},
        [DENOMINATOR_OTHER] = {"扫描不计数的对象", "what no scan counts"},
        [DENOMINATOR_UNKNOWN] = {"基线未说明", "not told by the baseline"},
    };
    return names[denominator][language == LANGUAGE_ZH ? 0 : 1];
}

const char *figure_bound_word(enum figure_bound bound)
{
    return bound == BOUND_EXACT ? "" : figure_bounds[bound];
}

const struct words *figure_population(const struct figure *figure, const struct baseline *baseline)
{
    return figure->population.zh || figure->population.en ? &figure->population : &baseline->population;
}

static void figure_deinit(struct figure *figure)
{
    free(figure->id);
    words_deinit(&figure->name);
    words_deinit(&figure->population);
    words_deinit(&figure->note);
    ports_deinit(&figure->ports);
}

void baseline_deinit(struct baseline *baseline)
{
    for (size_t i = 0; i < baseline->figures_count; i++)
        figure_deinit(&baseline->figures[i]);
    free(baseline->figures);
    free(baseline->name);
    free(baseline->date);
    free(baseline->catalogue);
    free(baseline->g);
    words_deinit(&baseline->population);
    words_deinit(&baseline->source);
    memset(baseline, 0, sizeof *baseline);
}

static enum status read_document(struct baseline *baseline, struct document *document,
                                 struct complaints *complaints)
{
    enum status status = baseline_read(baseline, document, complaints);
    document_deinit(document);
    if (status != STATUS_OK)
        baseline_deinit(baseline);
    return status;
}

enum status baseline_load(struct baseline *baseline, const char *source, struct complaints *complaints)
{
    const struct data_file *file = data_find(source);
    struct document document;
    memset(baseline, 0, sizeof *baseline);
    if (file)
        return baseline_parse(baseline, file->text, file->size, complaints);
    enum status status = document_read(&document, source, complaints);
    return status == STATUS_OK ? read_document(baseline, &document, complaints) : status;
}

enum status baseline_parse(struct baseline *baseline, const char *text, size_t size,
                           struct complaints *complaints)
{
    struct document document;
    memset(baseline, 0, sizeof *baseline);
    enum status status = document_parse(&document, text, size, complaints);
    return status == STATUS_OK ? read_document(baseline, &document, complaints) : status;
}

const char *baseline_built_in(size_t place)
{
    for (const struct data_file *file = data_files; file->name; file++)
        if (strstr(file->text, "\"auscult_baseline\"") && place-- == 0)
            return file->name;
    return NULL;
}
