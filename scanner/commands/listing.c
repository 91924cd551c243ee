#include "scanner/commands/listing.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "targets/hash.h"

#define MADE_ID_SIZE 12 /* "o", ten digits and the end */

/* An organization while the table is read. */
struct member {
    const char *key; /* its id, or without ids its name */
    unsigned line;   /* that named it first */
    struct draft_organization organization;
};

struct reading {
    struct listing *listing;
    const struct listing_options *options;
    struct listing_columns columns;
    struct csv_reader reader;
    struct complaints *complaints;
    void *tree; /* of the members, by their keys */
    struct member *last;
    size_t capacity;
    bool wrong;
};

struct bytes {
    const char *at;
    size_t left;
};

static enum status read_bytes(void *context, void *bytes, size_t capacity, size_t *size_out)
{
    struct bytes *rest = context;
    *size_out = rest->left < capacity ? rest->left : capacity;
    if (*size_out)
        memcpy(bytes, rest->at, *size_out);
    rest->at += *size_out;
    rest->left -= *size_out;
    return STATUS_OK;
}

static int compare(const void *a, const void *b)
{
    const struct member *left = a, *right = b;
    return strcmp(left->key, right->key);
}

static void leave(void *member)
{
    (void)member;
}

/* What parts the most columns of the first line. */
static char guess_delimiter(const char *text, size_t size)
{
    static const char candidates[] = ",;\t";
    size_t counts[3] = {0}, best = 0;
    bool inside = false;
    for (size_t i = 0; i < size && (inside || text[i] != '\n'); i++) {
        const char *found = text[i] ? strchr(candidates, text[i]) : NULL;
        inside ^= text[i] == '"';
        if (found && !inside)
            counts[found - candidates]++;
    }
    for (size_t i = 1; i < 3; i++)
        if (counts[i] > counts[best])
            best = i;
    return candidates[best];
}

/* A source can't get past such a line, so that reading on behind a mistake would never end. */
static enum status refuse_long_lines(const char *text, size_t size, struct complaints *complaints)
{
    unsigned line = 1;
    for (const char *at = text, *end = text + size; at < end; line++) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        const char *next = feed ? feed + 1 : end;
        if (next - at > FEED_LINE_MAX) {
            complaints_add(complaints, line, 1, "longer than %u bytes; is this the right file?",
                           FEED_LINE_MAX);
            return STATUS_WRONG_FILE;
        }
        at = next;
    }
    return STATUS_OK;
}

static struct place place_of(const struct reading *reading, size_t column)
{
    return (struct place){reading->reader.line, reading->reader.places[column], NULL};
}

/* The first column of a part that has something in this line; SIZE_MAX: none. */
static size_t column_of(const struct reading *reading, enum listing_part part)
{
    for (size_t i = 0; i < reading->reader.count; i++)
        if (reading->columns.parts[i] == part && reading->reader.texts[i][0])
            return i;
    return SIZE_MAX;
}

static void wrong(struct reading *reading, enum status status)
{
    reading->wrong = reading->wrong || status != STATUS_OK;
}

/* A cell's whole text, kept. What was spelt out because no text may hold it is refused. */
static enum status take_text(struct reading *reading, size_t column, const char **text_out)
{
    struct span bytes = csv_reader_bytes(&reading->reader, column);
    size_t capacity = bytes.size * 4 + TEXT_PIECE_MAX;
    char *text = arena_take(&reading->listing->arena, capacity);
    if (!text)
        return STATUS_NO_MEMORY;
    size_t size = text_safe(bytes, text, capacity);
    if (size != bytes.size || memcmp(text, bytes.bytes, size) != 0)
        wrong(reading,
              csv_reader_complain(&reading->reader, column,
                                  "\"%s\" holds line ends or invisible characters; write it in one line",
                                  quoted(text).text));
    *text_out = text;
    return STATUS_OK;
}

static enum status add_member(struct reading *reading, const char *key, struct member **member_out)
{
    struct listing *listing = reading->listing;
    if (listing->count == reading->capacity) {
        size_t capacity = reading->capacity ? reading->capacity * 2 : 64;
        struct draft_organization **grown = reallocarray(listing->organizations, capacity, sizeof *grown);
        if (!grown)
            return STATUS_NO_MEMORY;
        listing->organizations = grown;
        reading->capacity = capacity;
    }
    struct member *member = arena_take(&listing->arena, sizeof *member);
    if (!member)
        return STATUS_NO_MEMORY;
    *member = (struct member){.key = key, .line = reading->reader.line};
    if (!tsearch(member, &reading->tree, compare))
        return STATUS_NO_MEMORY;
    listing->organizations[listing->count++] = &member->organization;
    *member_out = member;
    return STATUS_OK;
}

/* A line that does not say whom it is about: it goes on with the one above, or is complained about. */
static struct member *go_on(struct reading *reading, enum listing_part part)
{
    bool says_nothing =
        column_of(reading, LISTING_ID) == SIZE_MAX && column_of(reading, LISTING_NAME) == SIZE_MAX;
    if (reading->options->fill_down && reading->last && says_nothing)
        return reading->last;
    wrong(reading,
          csv_reader_complain(&reading->reader, 0,
                              "the line has no %s; write it, or say --fill-down where an empty cell means "
                              "the one above",
                              listing_part_name(part)));
    return NULL;
}

/* The organization that a line is about; NULL, and a complaint, when it does not say. */
static enum status find_member(struct reading *reading, struct member **member_out)
{
    enum listing_part part = reading->columns.present[LISTING_ID] ? LISTING_ID : LISTING_NAME;
    size_t column = column_of(reading, part);
    struct member wanted = {.key = NULL};
    *member_out = column == SIZE_MAX ? go_on(reading, part) : NULL;
    if (column == SIZE_MAX)
        return STATUS_OK;
    enum status status = take_text(reading, column, &wanted.key);
    if (status != STATUS_OK)
        return status;
    struct member *const *found = tfind(&wanted, &reading->tree, compare);
    if (found)
        *member_out = *found;
    else
        status = add_member(reading, wanted.key, member_out);
    if (status == STATUS_OK && !found)
        (*member_out)->organization.place = place_of(reading, column);
    return status;
}

/* What several lines may say of one organization, as long as they agree. */
static enum status set_value(struct reading *reading, const struct member *member, enum listing_part part,
                             struct draft_value *value)
{
    const char *text = NULL;
    size_t column = column_of(reading, part);
    if (column == SIZE_MAX)
        return STATUS_OK;
    enum status status = take_text(reading, column, &text);
    if (status != STATUS_OK)
        return status;
    if (!value->text)
        *value = (struct draft_value){text, place_of(reading, column)};
    else if (strcmp(value->text, text) != 0)
        wrong(reading,
              csv_reader_complain(&reading->reader, column,
                                  "\"%s\" is another %s than \"%s\" in line %u of the same organization (%s)",
                                  quoted(text).text, listing_part_name(part), quoted(value->text).text,
                                  value->place.line, quoted(member->key).text));
    return STATUS_OK;
}

static enum status add_items(struct reading *reading, enum listing_part part, struct draft_list *list)
{
    bool good = true;
    for (size_t i = 0; i < reading->reader.count && good; i++)
        if (reading->columns.parts[i] == part)
            good = listing_cell_split(&reading->listing->arena, csv_reader_bytes(&reading->reader, i),
                                      part != LISTING_DOMAINS, place_of(reading, i), list);
    return good ? STATUS_OK : STATUS_NO_MEMORY;
}

static bool is_empty(const struct csv_reader *reader)
{
    for (size_t i = 0; i < reader->count; i++)
        if (reader->texts[i][0])
            return false;
    return true;
}

static enum status read_line(struct reading *reading)
{
    struct member *member;
    enum status status = find_member(reading, &member);
    if (status != STATUS_OK || !member)
        return status;
    struct draft_organization *organization = &member->organization;
    struct draft_value *values[] = {
        [LISTING_ID] = &organization->id,
        [LISTING_NAME] = &organization->name,
        [LISTING_PROVINCE] = &organization->province,
        [LISTING_LEVEL] = &organization->level,
        [LISTING_INFORMATIZATION] = &organization->informatization,
    };
    struct draft_list *lists[] = {
        [LISTING_RANGES] = &organization->ranges,
        [LISTING_FRAGILE] = &organization->fragile,
        [LISTING_DOMAINS] = &organization->domains,
    };
    reading->last = member;
    for (int i = LISTING_ID; i <= LISTING_INFORMATIZATION && status == STATUS_OK; i++)
        status = set_value(reading, member, (enum listing_part)i, values[i]);
    for (int i = LISTING_RANGES; i < LISTING_PARTS && status == STATUS_OK; i++)
        status = add_items(reading, (enum listing_part)i, lists[i]);
    return status;
}

/* From the name alone, so that it stays the same however the list is sorted and whatever is added to it. */
static enum status make_id(struct reading *reading, struct draft_organization *organization)
{
    const char *name = organization->name.text;
    char hash[HASH_TEXT_MAX];
    char *id = arena_take(&reading->listing->arena, MADE_ID_SIZE);
    if (!id || hash_text(name, strlen(name), hash) != STATUS_OK)
        return STATUS_NO_MEMORY;
    id[0] = 'o';
    memcpy(id + 1, hash, MADE_ID_SIZE - 2);
    id[MADE_ID_SIZE - 1] = 0;
    organization->id = (struct draft_value){id, organization->name.place};
    return STATUS_OK;
}

static enum status make_ids(struct reading *reading)
{
    enum status status = STATUS_OK;
    struct listing *listing = reading->listing;
    if (reading->columns.present[LISTING_ID])
        return STATUS_OK;
    for (size_t i = 0; i < listing->count && status == STATUS_OK; i++)
        status = make_id(reading, listing->organizations[i]);
    return status;
}

static enum status name_unused(struct reading *reading)
{
    size_t size = 0;
    FILE *out = open_memstream(&reading->listing->unused, &size);
    if (!out)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < reading->reader.count; i++)
        if (reading->columns.parts[i] == LISTING_PARTS && reading->reader.texts[i][0])
            fprintf(out, "%s%s", ftell(out) ? ", " : "", quoted(reading->reader.texts[i]).text);
    return fclose(out) == 0 ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status read_header(struct reading *reading)
{
    bool got = false;
    enum status status = csv_reader_next(&reading->reader, &got);
    if (status == STATUS_OK && !got) {
        complaints_add(reading->complaints, 0, 0, "the file is empty; its first line names the columns");
        return STATUS_WRONG_FILE;
    }
    if (status == STATUS_OK && !listing_columns_find(&reading->columns, &reading->reader, reading->options))
        status = STATUS_WRONG_FILE;
    return status == STATUS_OK ? name_unused(reading) : status;
}

/* A line that is no CSV is complained about, and those behind it are read all the same. */
static enum status read_lines(struct reading *reading)
{
    enum status status = STATUS_OK;
    for (bool got = true; got && status == STATUS_OK;) {
        status = csv_reader_next(&reading->reader, &got);
        if (status == STATUS_OK && got && !is_empty(&reading->reader))
            status = read_line(reading);
        if (status == STATUS_WRONG_FILE) {
            reading->wrong = got = true;
            status = STATUS_OK;
        }
    }
    return status;
}

static enum status read_table(struct reading *reading, struct feed_source *source, char delimiter)
{
    enum status status = csv_reader_init(&reading->reader, source, delimiter);
    if (status == STATUS_OK)
        status = read_header(reading);
    if (status == STATUS_OK)
        status = read_lines(reading);
    if (status == STATUS_OK)
        status = make_ids(reading);
    if (status == STATUS_OK && reading->wrong)
        status = STATUS_WRONG_FILE;
    csv_reader_deinit(&reading->reader);
    tdestroy(reading->tree, leave);
    return status;
}

enum status listing_read(struct listing *listing, const char *text, size_t size,
                         const struct listing_options *options, struct complaints *complaints)
{
    struct reading reading = {.listing = listing, .options = options, .complaints = complaints};
    struct feed_source source;
    char *decoded = NULL;
    *listing = (struct listing){.count = 0};
    enum status status = listing_decode(text, size, &decoded, &size, complaints);
    if (status != STATUS_OK)
        return status;
    status = refuse_long_lines(decoded, size, complaints);
    struct bytes rest = {decoded, size};
    char delimiter = options->delimiter ? options->delimiter : guess_delimiter(decoded, size);
    if (status == STATUS_OK)
        status = feed_source_init(&source, read_bytes, &rest, complaints);
    if (status == STATUS_OK) {
        status = read_table(&reading, &source, delimiter);
        feed_source_deinit(&source);
    }
    free(decoded);
    return status;
}

void listing_deinit(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        draft_organization_deinit(listing->organizations[i]);
    free(listing->organizations);
    free(listing->unused);
    arena_deinit(&listing->arena);
    *listing = (struct listing){.count = 0};
}
