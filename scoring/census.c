#include "scoring/census.h"

#include <stdlib.h>
#include <string.h>

/* A run that some members are counted from. */
struct counting {
    struct store *store;
    const struct exposures *exposures;
    struct census *census;
    const char *run;              /* whose rows are being read */
    struct ports ports;           /* of all exposures, each once */
    uint64_t *asked;              /* per member and port: at how many addresses */
    bool *exposed;                /* per member and exposure */
    bool *host_exposed;           /* per exposure, of the host whose rows are being read */
    struct census_member *member; /* whose host that is; NULL: nobody's */
    struct census_member *last;   /* that was looked for */
    struct address address;
    enum status status;
};

static void keep(struct counting *counting, enum status status)
{
    if (counting->status == STATUS_OK)
        counting->status = status;
}

void census_deinit(struct census *census)
{
    roster_deinit(&census->roster);
    free(census->members);
    free(census->tallies);
    *census = (struct census){0};
}

static bool belongs(const struct organization *organization, const struct census_options *options)
{
    if (options->organization && strcmp(options->organization, organization->id) != 0)
        return false;
    const char *value = options->key ? organization_tag(organization, options->key) : NULL;
    return !options->key || (value && strcmp(value, options->value) == 0);
}

/* The members, out of the roster. */
static enum status choose(struct census *census, const struct census_options *options)
{
    bool mixed = false;
    census->members = calloc(census->roster.count + 1, sizeof *census->members);
    if (!census->members)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < census->roster.count; i++) {
        const struct roster_row *row = &census->roster.rows[i];
        if (!belongs(&row->organization, options))
            continue;
        census->members[census->count++] =
            (struct census_member){.row = row, .addresses_known = row->shards <= 1};
        mixed = mixed || strcmp(census->members[0].row->vantage, row->vantage) != 0;
    }
    census->vantage = census->count && !mixed ? census->members[0].row->vantage : NULL;
    return census->count ? STATUS_OK : STATUS_MISMATCH;
}

static int id_compare(const void *key, const void *member)
{
    return strcmp(key, ((const struct census_member *)member)->row->organization.id);
}

/* The member of that id, when it is counted from the run whose rows are being read. Rows of an organization
   come one after the other, so that the last one found is mostly the next. */
static struct census_member *member_named(struct counting *counting, const char *id)
{
    if (!counting->last || strcmp(counting->last->row->organization.id, id) != 0)
        counting->last = bsearch(id, counting->census->members, counting->census->count,
                                 sizeof(struct census_member), id_compare);
    struct census_member *member = counting->last;
    return member && strcmp(member->row->run, counting->run) == 0 ? member : NULL;
}

static size_t port_place(const struct ports *ports, struct port port)
{
    for (size_t i = 0; i < ports->count; i++)
        if (ports->items[i].number == port.number && ports->items[i].transport == port.transport)
            return i;
    return SIZE_MAX;
}

static void count_asked(void *context, const struct store_count *count)
{
    struct counting *counting = context;
    struct census_member *member = member_named(counting, count->organization);
    if (!member)
        return;
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof count->ends / sizeof count->ends[0]; i++)
        sum += count->ends[i];
    if (sum > member->addresses)
        member->addresses = sum;
    size_t place = port_place(&counting->ports, count->port);
    if (place != SIZE_MAX)
        counting->asked[(size_t)(member - counting->census->members) * counting->ports.count + place] += sum;
}

/* The host's rows have all been read. */
static void end_host(struct counting *counting)
{
    struct census *census = counting->census;
    if (!counting->member)
        return;
    bool *exposed =
        counting->exposed + (size_t)(counting->member - census->members) * counting->exposures->count;
    counting->member->hosts++;
    for (size_t i = 0; i < counting->exposures->count; i++) {
        census->tallies[i].hosts += counting->host_exposed[i];
        exposed[i] = exposed[i] || counting->host_exposed[i];
        counting->host_exposed[i] = false;
    }
    counting->member = NULL;
}

static void count_open(void *context, const char *organization, struct address address, struct port port)
{
    struct counting *counting = context;
    if (!counting->member || strcmp(counting->member->row->organization.id, organization) != 0 ||
        address_compare(counting->address, address) != 0) {
        end_host(counting);
        counting->member = member_named(counting, organization);
        counting->address = address;
    }
    for (size_t i = 0; counting->member && i < counting->exposures->count; i++)
        if (ports_contain(&counting->exposures->items[i].ports, port.number, (enum transport)port.transport))
            counting->host_exposed[i] = true;
}

/* The run of these members, which is theirs alone. */
static void count_run(struct counting *counting, struct census_member *const *members, size_t count,
                      const char *organization)
{
    struct store_run run = {0}; /* its id is all that the store looks at */
    counting->run = members[0]->row->run;
    memcpy(run.id, members[0]->row->run, sizeof run.id);
    keep(counting, store_each_count(counting->store, &run, organization, count_asked, counting));
    keep(counting, store_each_open(counting->store, &run, organization, count_open, counting));
    end_host(counting);
    for (size_t i = 0; i < count && counting->status == STATUS_OK; i++) {
        uint64_t open;
        keep(counting, store_count_hosts(counting->store, &run, members[i]->row->organization.id,
                                         &members[i]->answered, &open));
        /* A host whose port is open has answered. */
        if (members[i]->answered < members[i]->hosts)
            members[i]->answered = members[i]->hosts;
    }
}

static int run_compare(const void *a, const void *b)
{
    const struct census_member *left = *(struct census_member *const *)a;
    const struct census_member *right = *(struct census_member *const *)b;
    return strcmp(left->row->run, right->row->run);
}

/* Each run once, with all the members that it is the newest of. */
static void count_runs(struct counting *counting, const char *organization)
{
    struct census *census = counting->census;
    struct census_member **order = calloc(census->count + 1, sizeof(struct census_member *));
    if (!order) {
        counting->status = STATUS_NO_MEMORY;
        return;
    }
    for (size_t i = 0; i < census->count; i++)
        order[i] = &census->members[i];
    qsort(order, census->count, sizeof *order, run_compare);
    for (size_t at = 0, next; at < census->count && counting->status == STATUS_OK; at = next) {
        for (next = at + 1; next < census->count && strcmp(order[next]->row->run, order[at]->row->run) == 0;
             next++)
            ;
        count_run(counting, order + at, next - at, organization);
    }
    free(order);
}

/* How much of an exposure was asked of a member: all its ports at all its addresses, or none of them at any. */
static enum census_asked asked_of(const struct counting *counting, size_t member,
                                  const struct exposure *exposure)
{
    const struct census_member *of = &counting->census->members[member];
    const uint64_t *asked = counting->asked + member * counting->ports.count;
    bool all = true, any = false;
    for (size_t i = 0; i < exposure->ports.count; i++) {
        uint64_t at = asked[port_place(&counting->ports, exposure->ports.items[i])];
        all = all && at > 0 && at >= of->addresses;
        any = any || at > 0;
    }
    return all && of->addresses_known ? ASKED_WHOLLY : any ? ASKED_PARTLY : ASKED_NOWHERE;
}

static void add_member(const struct counting *counting, size_t number, size_t exposure)
{
    const struct census_member *member = &counting->census->members[number];
    struct census_tally *tally = &counting->census->tallies[exposure];
    bool exposed = counting->exposed[number * counting->exposures->count + exposure];
    enum census_asked asked = asked_of(counting, number, &counting->exposures->items[exposure]);
    if (asked == ASKED_NOWHERE && !exposed)
        return;
    bool first = tally->of[DENOMINATOR_ORGANIZATION] == 0;
    if (asked != ASKED_WHOLLY)
        tally->asked = ASKED_PARTLY;
    else if (first)
        tally->asked = ASKED_WHOLLY;
    tally->organizations += exposed;
    tally->of[DENOMINATOR_ORGANIZATION]++;
    tally->of[DENOMINATOR_ADDRESS] += member->addresses_known ? member->addresses : 0;
    tally->of[DENOMINATOR_ANSWERED] += member->answered;
    tally->of[DENOMINATOR_HOST] += member->hosts;
}

static void add_up(const struct counting *counting)
{
    struct census *census = counting->census;
    census->addresses_known = true;
    for (size_t i = 0; i < census->count; i++) {
        const struct census_member *member = &census->members[i];
        census->addresses_known = census->addresses_known && member->addresses_known;
        census->addresses += member->addresses;
        census->answered += member->answered;
        census->hosts += member->hosts;
        for (size_t j = 0; j < counting->exposures->count; j++)
            add_member(counting, i, j);
    }
}

static enum status collect_ports(struct counting *counting)
{
    enum status status = STATUS_OK;
    ports_init(&counting->ports);
    for (size_t i = 0; i < counting->exposures->count; i++) {
        const struct ports *ports = &counting->exposures->items[i].ports;
        for (size_t j = 0; j < ports->count && status == STATUS_OK; j++)
            status = ports_add(&counting->ports, ports->items[j].number,
                               (enum transport)ports->items[j].transport);
    }
    return status;
}

static enum status count(struct store *store, const struct exposures *exposures, const char *organization,
                         struct census *census)
{
    struct counting counting = {.store = store, .exposures = exposures, .census = census};
    counting.status = collect_ports(&counting);
    counting.asked = calloc(census->count * counting.ports.count + 1, sizeof *counting.asked);
    counting.exposed = calloc(census->count * exposures->count + 1, sizeof *counting.exposed);
    counting.host_exposed = calloc(exposures->count + 1, sizeof *counting.host_exposed);
    census->tallies = calloc(exposures->count + 1, sizeof *census->tallies);
    if (!counting.asked || !counting.exposed || !counting.host_exposed || !census->tallies)
        counting.status = STATUS_NO_MEMORY;
    if (counting.status == STATUS_OK)
        count_runs(&counting, organization);
    if (counting.status == STATUS_OK)
        add_up(&counting);
    ports_deinit(&counting.ports);
    free(counting.asked);
    free(counting.exposed);
    free(counting.host_exposed);
    return counting.status;
}

static enum status make(struct store *store, const struct exposures *exposures,
                        const struct census_options *options, struct census *census)
{
    enum status status = choose(census, options);
    if (status == STATUS_OK)
        status = count(store, exposures, options->organization, census);
    if (status != STATUS_OK)
        census_deinit(census);
    return status;
}

enum status census_make(struct store *store, const struct exposures *exposures,
                        const struct census_options *options, struct census *census_out)
{
    *census_out = (struct census){0};
    const struct roster_options newest = {.vantage = options->vantage};
    enum status status = roster_make(store, &newest, &census_out->roster);
    if (status == STATUS_OK)
        return make(store, exposures, options, census_out);
    census_deinit(census_out);
    return status;
}

enum status census_of(struct store *store, const struct exposures *exposures, struct roster *roster,
                      struct census *census_out)
{
    static const struct census_options all = {0};
    *census_out = (struct census){.roster = *roster};
    *roster = (struct roster){0};
    return make(store, exposures, &all, census_out);
}

struct proportion census_proportion(const struct census *census, size_t exposure,
                                    enum denominator denominator)
{
    const struct census_tally *tally = &census->tallies[exposure];
    if (denominator > DENOMINATOR_ORGANIZATION ||
        (denominator == DENOMINATOR_ADDRESS && !census->addresses_known))
        return (struct proportion){0, 0};
    uint64_t exposed = denominator == DENOMINATOR_ORGANIZATION ? tally->organizations : tally->hosts;
    return (struct proportion){exposed, tally->of[denominator]};
}
