#include "scoring/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "scoring/catalogue_read.h"
#include "scoring/data.h"

#define NESTING_MAX 8

const char *words_in(const struct words *words, enum language language)
{
    const char *first = language == LANGUAGE_ZH ? words->zh : words->en;
    const char *second = language == LANGUAGE_ZH ? words->en : words->zh;
    return first ? first : second ? second : "";
}

void words_deinit(struct words *words)
{
    free(words->zh);
    free(words->en);
}

static void item_deinit(struct item *item)
{
    free(item->id);
    words_deinit(&item->name);
    words_deinit(&item->waits);
    words_deinit(&item->fix);
    ports_deinit(&item->ports);
    condition_free(&item->when);
    for (size_t i = 0; item->references && item->references[i]; i++)
        free(item->references[i]);
    free(item->references);
}

void catalogue_deinit(struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->items_count; i++)
        item_deinit(&catalogue->items[i]);
    for (size_t i = 0; i < catalogue->dimensions_count; i++) {
        free(catalogue->dimensions[i].id);
        words_deinit(&catalogue->dimensions[i].name);
    }
    for (size_t i = 0; i < catalogue->domains_count; i++) {
        free(catalogue->domains[i].id);
        words_deinit(&catalogue->domains[i].name);
    }
    free(catalogue->items);
    free(catalogue->slots);
    free(catalogue->dimensions);
    free(catalogue->domains);
    g_deinit(&catalogue->g);
    free(catalogue->name);
    memset(catalogue, 0, sizeof *catalogue);
}

/* FNV-1a. Which ids there are is the catalogue's own choice, so that no key is needed against crowding. */
static size_t hash_id(const char *id)
{
    uint32_t hash = 0x811c9dc5;
    for (; *id; id++)
        hash = (hash ^ (uint8_t)*id) * 0x01000193;
    return hash ^ hash >> 15;
}

/* The slot of an id, or the free one where it would be. */
static size_t *find_slot(const struct catalogue *catalogue, const char *id)
{
    size_t mask = catalogue->slots_count - 1, at = hash_id(id) & mask;
    while (catalogue->slots[at] && strcmp(catalogue->items[catalogue->slots[at] - 1].id, id) != 0)
        at = (at + 1) & mask;
    return &catalogue->slots[at];
}

/* Once nothing is added any more: every finding asks for its item. */
static enum status index_items(struct catalogue *catalogue)
{
    size_t count = 16;
    while (count < catalogue->items_count * 4)
        count *= 2;
    catalogue->slots = calloc(count, sizeof *catalogue->slots);
    if (!catalogue->slots)
        return STATUS_NO_MEMORY;
    catalogue->slots_count = count;
    for (size_t i = 0; i < catalogue->items_count; i++)
        *find_slot(catalogue, catalogue->items[i].id) = i + 1;
    return STATUS_OK;
}

size_t catalogue_item(const struct catalogue *catalogue, const char *id)
{
    if (catalogue->slots)
        return *find_slot(catalogue, id) - 1; /* 0, a free one, becomes SIZE_MAX */
    for (size_t i = 0; i < catalogue->items_count; i++)
        if (strcmp(catalogue->items[i].id, id) == 0)
            return i;
    return SIZE_MAX;
}

size_t catalogue_dimensions_of(const struct catalogue *catalogue, size_t domain)
{
    size_t count = 0;
    for (size_t i = 0; i < catalogue->dimensions_count; i++)
        count += catalogue->dimensions[i].domain == domain;
    return count;
}

enum status catalogue_ports(const struct catalogue *catalogue, enum transport transport,
                            struct ports *ports_out)
{
    ports_init(ports_out);
    for (size_t i = 0; i < catalogue->items_count; i++) {
        const struct item *item = &catalogue->items[i];
        if (item->source != SOURCE_SCAN || !item->when)
            continue;
        for (size_t j = 0; j < item->ports.count; j++) {
            struct port port = item->ports.items[j];
            if (port.transport != transport || ports_add(ports_out, port.number, transport) == STATUS_OK)
                continue;
            ports_deinit(ports_out);
            return STATUS_NO_MEMORY;
        }
    }
    return STATUS_OK;
}

bool catalogue_names(const struct catalogue *catalogue, const char *names)
{
    while (*names) {
        size_t length = strcspn(names, "+");
        bool found = false;
        for (const char *at = catalogue->name; *at && !found; at += strcspn(at, "+"), at += *at == '+')
            found = strcspn(at, "+") == length && strncmp(at, names, length) == 0;
        if (!found)
            return false;
        names += length;
        names += *names == '+';
    }
    return true;
}

/* Is it one of the names that "a+b+c" joins? */
static bool is_loaded(const struct catalogue *catalogue, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = catalogue->name; at; at = strchr(at, '+') ? strchr(at, '+') + 1 : NULL)
        if (strncmp(at, name, length) == 0 && (at[length] == 0 || at[length] == '+'))
            return true;
    return false;
}

static void join_name(struct catalogue_reading *reading, const char *name)
{
    char *before = reading->catalogue->name;
    char *joined = NULL;
    if (asprintf(&joined, "%s%s%s", before ? before : "", before ? "+" : "", name) < 0) {
        reading->fields.status = STATUS_NO_MEMORY;
        return;
    }
    free(before);
    reading->catalogue->name = joined;
}

static enum status load_source(struct catalogue *catalogue, const char *source, unsigned nesting,
                               struct complaints *complaints);

/* Does the built-in catalogue of that name extend another? */
static bool built_in_extends(const struct data_file *file)
{
    struct complaints ignored;
    struct document document;
    complaints_init(&ignored, file->name);
    bool extends = false;
    if (document_parse(&document, file->text, file->size, &ignored) == STATUS_OK) {
        extends = cJSON_GetObjectItemCaseSensitive(document.root, "extends") != NULL;
        document_deinit(&document);
    }
    complaints_deinit(&ignored);
    return extends;
}

/* Makes sure that what is extended is there, loading it first when it is built in. */
static enum status load_extended(struct catalogue_reading *reading, const cJSON *extends, unsigned nesting)
{
    struct catalogue *catalogue = reading->catalogue;
    struct complaints *complaints = reading->fields.complaints;
    if (is_loaded(catalogue, extends->valuestring))
        return STATUS_OK;
    const struct data_file *file = data_find(extends->valuestring);
    if (file && nesting < NESTING_MAX && (!catalogue->name || built_in_extends(file))) {
        const char *here = complaints->file;
        enum status status = load_source(catalogue, file->name, nesting + 1, complaints);
        if (status == STATUS_OK)
            complaints->file = here;
        return status;
    }
    fields_complain(
        &reading->fields, extends,
        "no catalogue \"%s\" is loaded%s%s; name one that is, or the built-in \"" CATALOGUE_DEFAULT
        "\", or put its file before this one",
        quoted(extends->valuestring).text, catalogue->name ? ", but " : "",
        catalogue->name ? catalogue->name : "");
    return STATUS_WRONG_FILE;
}

static enum status read_extends(struct catalogue_reading *reading, const cJSON *root, unsigned nesting)
{
    struct fields *fields = &reading->fields;
    const char *example = "\"" CATALOGUE_DEFAULT "\"";
    const cJSON *extends = cJSON_GetObjectItemCaseSensitive(root, "extends");
    reading->extends = extends != NULL;
    if (extends && fields_is_id(fields, extends, "extends", example))
        return load_extended(reading, extends, nesting);
    if (!extends && reading->catalogue->name)
        fields_complain(
            fields, root,
            "this catalogue stands alone, and \"%s\" is loaded already; add \"extends\": \"…\" with its "
            "name, or load only one",
            reading->catalogue->name);
    return STATUS_OK;
}

static void read_name(struct catalogue_reading *reading, const cJSON *root)
{
    struct fields *fields = &reading->fields;
    const cJSON *name = fields_member(fields, root, "name", FIELD_REQUIRED, "\"our-hospital\"");
    if (!name || !fields_is_id(fields, name, "name", "\"our-hospital\""))
        return;
    if (is_loaded(reading->catalogue, name->valuestring))
        fields_complain(fields, name, "\"%s\" is loaded already; give this one another name",
                        name->valuestring);
    else
        join_name(reading, name->valuestring);
}

static void read_layout(struct catalogue_reading *reading, const cJSON *root)
{
    const cJSON *layout = fields_member(&reading->fields, root, "auscult_catalogue", FIELD_REQUIRED, "1");
    if (layout && !(cJSON_IsNumber(layout) && layout->valuedouble == 1))
        fields_complain(&reading->fields, layout,
                        "\"auscult_catalogue\" must be 1, the layout that this program reads");
}

static enum status read_root(struct catalogue_reading *reading, const cJSON *root, unsigned nesting)
{
    static const char *const known[] = {
        "auscult_catalogue", "name",       "extends", "frequency", "log_base", "g",
        "domains",           "dimensions", "items",   NULL};
    struct fields *fields = &reading->fields;
    size_t before = fields_complaints(fields->complaints);
    if (!fields_is(fields, root, cJSON_Object, "catalogue", "{ \"auscult_catalogue\": 1, … }"))
        return STATUS_WRONG_FILE;
    read_layout(reading, root);
    document_refuse_unknown(fields->document, root, known, fields->complaints);
    enum status status = read_extends(reading, root, nesting);
    if (status != STATUS_OK)
        return status;
    read_name(reading, root);
    catalogue_read_settings(reading, root);
    catalogue_read_tree(reading, root);
    catalogue_read_items(reading, root);
    if (fields->status != STATUS_OK)
        return fields->status;
    return fields_complaints(fields->complaints) > before ? STATUS_WRONG_FILE : STATUS_OK;
}

static enum status load_document(struct catalogue *catalogue, struct document *document, unsigned nesting,
                                 struct complaints *complaints)
{
    struct catalogue_reading reading = {{document, complaints, text_unsafe, STATUS_OK}, catalogue, false};
    enum status status = read_root(&reading, document->root, nesting);
    document_deinit(document);
    return status;
}

static enum status load_source(struct catalogue *catalogue, const char *source, unsigned nesting,
                               struct complaints *complaints)
{
    struct document document;
    const struct data_file *file = data_find(source);
    complaints->file = file ? file->name : source;
    enum status status = file ? document_parse(&document, file->text, file->size, complaints)
                              : document_read(&document, source, complaints);
    return status == STATUS_OK ? load_document(catalogue, &document, nesting, complaints) : status;
}

static void catalogue_init(struct catalogue *catalogue)
{
    memset(catalogue, 0, sizeof *catalogue);
    catalogue->log_base = 2;
    catalogue->g.gamma = 1;
}

enum status catalogue_load(struct catalogue *catalogue, const char *const *sources, size_t count,
                           struct complaints *complaints)
{
    static const char *const built_in[] = {CATALOGUE_DEFAULT, CATALOGUE_EXTENSION};
    enum status status = STATUS_OK;
    catalogue_init(catalogue);
    if (count == 0) {
        sources = built_in;
        count = sizeof built_in / sizeof *built_in;
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = load_source(catalogue, sources[i], 0, complaints);
    if (status == STATUS_OK)
        status = index_items(catalogue);
    if (status != STATUS_OK)
        catalogue_deinit(catalogue);
    return status;
}

enum status catalogue_parse(struct catalogue *catalogue, const char *text, size_t size,
                            struct complaints *complaints)
{
    struct document document;
    catalogue_init(catalogue);
    enum status status = document_parse(&document, text, size, complaints);
    if (status == STATUS_OK)
        status = load_document(catalogue, &document, 0, complaints);
    if (status == STATUS_OK)
        status = index_items(catalogue);
    if (status != STATUS_OK)
        catalogue_deinit(catalogue);
    return status;
}
