#include "scanner/resolver_answers.h"

#include <netdb.h>
#include <stdlib.h>

#define ENOUGH "it has more addresses; those beyond the first 64 are left out"

/* What is known of one name. */
struct asked {
    uint8_t found; /* addresses that were told */
    bool cut, done;
};

enum status resolver_answers_init(struct resolver_answers *answers, size_t count,
                                  const struct resolver_listener *listener)
{
    *answers = (struct resolver_answers){listener, calloc(count + 1, sizeof *answers->asked), count, 0};
    return answers->asked ? STATUS_OK : STATUS_NO_MEMORY;
}

void resolver_answers_deinit(struct resolver_answers *answers)
{
    free(answers->asked);
    answers->asked = NULL;
}

static const char *reason(int code)
{
    switch (code) {
    case EAI_NONAME:
    case EAI_NODATA:
        return "the resolver knows no address of it";
    case EAI_AGAIN:
        return "the resolver does not answer";
    case EAI_FAIL:
        return "the resolver failed";
    default:
        return "it could not be resolved";
    }
}

static enum status end_name(struct resolver_answers *answers, size_t name, const char *why)
{
    struct asked *asked = &answers->asked[name];
    asked->done = true;
    answers->done++;
    if (asked->found && !asked->cut)
        return STATUS_OK;
    return answers->listener->missing(answers->listener->context, name, asked->cut ? ENOUGH : why);
}

enum status resolver_answers_take(struct resolver_answers *answers, const struct resolver_answer *answer)
{
    struct asked *asked = answer->name < answers->count ? &answers->asked[answer->name] : NULL;
    if (!asked || asked->done || answer->kind > ANSWER_DONE)
        return STATUS_OK;
    if (answer->kind == ANSWER_DONE)
        return end_name(answers, answer->name, reason(answer->code));
    if (answer->kind == ANSWER_MORE || asked->found == NAMES_ADDRESSES_MAX) {
        asked->cut = true;
        return STATUS_OK;
    }
    asked->found++;
    return answers->listener->found(answers->listener->context, answer->name, answer->address);
}

enum status resolver_answers_end(struct resolver_answers *answers, const char *why)
{
    enum status status = STATUS_OK;
    for (size_t name = 0; name < answers->count && status == STATUS_OK; name++)
        if (!answers->asked[name].done)
            status = end_name(answers, name, why);
    return status;
}
