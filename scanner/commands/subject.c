#include "scanner/commands/subject.h"

#include <stdio.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"

struct census_options subject_options(const struct shared *shared)
{
    return (struct census_options){shared->only, shared->key, shared->value, shared->vantage_name};
}

static int nobody(const struct census_options *options, const char *path)
{
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

int subject_count(const struct census_options *options, const char *path, const struct exposures *exposures,
                  struct census *census_out)
{
    struct store *store;
    enum status status = store_open(path, false, &store);
    if (status == STATUS_OK)
        status = census_make(store, exposures, options, census_out);
    int code = status == STATUS_OK         ? -1
               : status == STATUS_MISMATCH ? nobody(options, path)
                                           : present_status(status, path, store);
    store_close(&store);
    return code;
}
