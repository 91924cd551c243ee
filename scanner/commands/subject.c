#include "scanner/commands/subject.h"

#include <stdio.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"

static bool take_group(struct subject *subject, char *value)
{
    char *equals = strchr(value, '=');
    if (!equals || equals == value || !equals[1]) {
        fprintf(stderr, "auscult: --group: want KEY=VALUE, like province=Guangdong or level=3A\n");
        return false;
    }
    *equals = 0;
    subject->options.key = value;
    subject->options.value = equals + 1;
    return true;
}

bool subject_take(struct subject *subject, int option, char *value)
{
    enum vantage vantage;
    switch (option) {
    case SUBJECT_ORGANIZATION:
        subject->options.organization = value;
        return true;
    case SUBJECT_GROUP:
        return take_group(subject, value);
    case SUBJECT_VANTAGE:
        subject->options.vantage = value;
        return option_vantage("--vantage", value, &vantage);
    case SUBJECT_CATALOGUE:
        return option_source(value, subject->catalogues, &subject->catalogues_count);
    case SUBJECT_LANGUAGE:
        return option_language("--lang", value, &subject->language);
    default:
        return false;
    }
}

static int nobody(const struct subject *subject, const char *path)
{
    const struct census_options *options = &subject->options;
    if (options->organization || options->key || options->vantage)
        fprintf(stderr,
                "auscult: %s: no complete run of it has an organization that fits --org, --group and "
                "--vantage\n",
                path);
    else
        fprintf(stderr, "auscult: %s: it has no complete run with scorecards; `auscult scan` makes them\n",
                path);
    return EXIT_USAGE;
}

int subject_count(const struct subject *subject, const char *path, const struct exposures *exposures,
                  struct census *census_out)
{
    struct store *store;
    enum status status = store_open(path, false, &store);
    if (status == STATUS_OK)
        status = census_make(store, exposures, &subject->options, census_out);
    int code = status == STATUS_OK         ? -1
               : status == STATUS_MISMATCH ? nobody(subject, path)
                                           : present_status(status, path, store);
    store_close(&store);
    return code;
}
