#include "targets/document.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "targets/json.h"

void document_deinit(struct document *document)
{
    cJSON_Delete(document->root);
    free(document->text);
    *document = (struct document){NULL, 0, NULL};
}

/* Lines and columns count from 1; a byte order mark takes no column. */
static void line_column(const struct document *document, size_t at, unsigned *line_out, unsigned *column_out)
{
    size_t start = json_mark_size(document->text, document->size);
    unsigned line = 1;
    for (size_t i = start; i < at; i++) {
        if (document->text[i] != '\n')
            continue;
        line++;
        start = i + 1;
    }
    *line_out = line;
    *column_out = at < start ? 1 : (unsigned)(at - start) + 1;
}

/* A place in the text and the value of the tree that stands there, moved on together. The text has been
 * checked. */
struct walk {
    const struct document *document;
    const cJSON *node;
    size_t name_at; /* of a member of an object */
    size_t value_at;
    const cJSON *parents[DOCUMENT_DEPTH_MAX];
    size_t depth;
};

static size_t skip_space(const struct document *document, size_t at)
{
    return json_skip_space(document->text, document->size, at);
}

static size_t skip_string(const struct document *document, size_t at)
{
    for (at++; at < document->size && document->text[at] != '"'; at++)
        at += document->text[at] == '\\';
    return at + 1;
}

/* Behind a value without members. */
static size_t skip_leaf(const struct document *document, const cJSON *node, size_t at)
{
    if (cJSON_IsString(node))
        return skip_string(document, at);
    if (cJSON_IsArray(node) || cJSON_IsObject(node))
        return skip_space(document, at + 1) + 1;
    while (at < document->size &&
           (isalnum((unsigned char)document->text[at]) || strchr("+-.", document->text[at])))
        at++;
    return at;
}

/* Sets the walk on a member or item that begins at or after this offset. */
static void walk_onto(struct walk *walk, const cJSON *node, size_t at)
{
    walk->node = node;
    walk->name_at = walk->value_at = skip_space(walk->document, at);
    if (!node->string)
        return;
    size_t colon = skip_space(walk->document, skip_string(walk->document, walk->name_at));
    walk->value_at = skip_space(walk->document, colon + 1);
}

/* The next value in the order of the text; false at the end. */
static bool walk_next(struct walk *walk)
{
    if (walk->node->child && walk->depth < DOCUMENT_DEPTH_MAX) {
        walk->parents[walk->depth++] = walk->node;
        walk_onto(walk, walk->node->child, walk->value_at + 1);
        return true;
    }
    size_t at = skip_space(walk->document, skip_leaf(walk->document, walk->node, walk->value_at));
    const cJSON *node = walk->node;
    while (!node->next && walk->depth > 0) {
        node = walk->parents[--walk->depth];
        at = skip_space(walk->document, at + 1);
    }
    if (!node->next)
        return false;
    walk_onto(walk, node->next, at + 1);
    return true;
}

static struct walk walk_start(const struct document *document)
{
    struct walk walk = {.document = document};
    walk_onto(&walk, document->root, json_mark_size(document->text, document->size));
    return walk;
}

enum part { PART_NAME, PART_VALUE };

/* Finding a place walks the whole text, so that it is spared once nobody will see it. */
static void complain(const struct document *document, const cJSON *value, enum part part,
                     struct complaints *complaints, const char *format, va_list arguments)
{
    unsigned line = 0;
    unsigned column = 0;
    if (value && complaints->count < COMPLAINTS_MAX) {
        struct walk walk = walk_start(document);
        bool more = true;
        while (more && walk.node != value)
            more = walk_next(&walk);
        if (more)
            line_column(document, part == PART_NAME ? walk.name_at : walk.value_at, &line, &column);
    }
    complaints_add_list(complaints, line, column, format, arguments);
}

void document_complain(const struct document *document, const cJSON *value, struct complaints *complaints,
                       const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complain(document, value, PART_VALUE, complaints, format, arguments);
    va_end(arguments);
}

void document_complain_name(const struct document *document, const cJSON *member,
                            struct complaints *complaints, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complain(document, member, PART_NAME, complaints, format, arguments);
    va_end(arguments);
}

struct named {
    const cJSON *member;
    size_t position;
};

static int named_compare(const void *a, const void *b)
{
    const struct named *left = a;
    const struct named *right = b;
    int order = strcmp(left->member->string, right->member->string);
    return order ? order : left->position < right->position ? -1 : 1;
}

/* Members of one name twice: cJSON would keep both and find the first. */
static enum status refuse_duplicates(const struct document *document, const cJSON *object,
                                     struct complaints *complaints)
{
    size_t count = 0;
    for (const cJSON *member = object->child; member; member = member->next)
        count++;
    if (count < 2)
        return STATUS_OK;
    struct named *members = reallocarray(NULL, count, sizeof *members);
    if (!members)
        return STATUS_NO_MEMORY;
    size_t n = 0;
    for (const cJSON *member = object->child; member; member = member->next, n++)
        members[n] = (struct named){member, n};
    qsort(members, count, sizeof *members, named_compare);
    for (size_t i = 1; i < count; i++)
        if (strcmp(members[i - 1].member->string, members[i].member->string) == 0)
            document_complain_name(document, members[i].member, complaints,
                                   "\"%s\" stands in this object more than once; keep one of them",
                                   quoted(members[i].member->string).text);
    free(members);
    return STATUS_OK;
}

/* What is JSON, and yet has no one meaning. */
static enum status refuse_ambiguous(const struct document *document, struct complaints *complaints)
{
    struct walk walk = walk_start(document);
    do {
        if (cJSON_IsNumber(walk.node) && !isfinite(walk.node->valuedouble))
            document_complain(document, walk.node, complaints,
                              "the number is too large; write one below 1e308");
        if (!cJSON_IsObject(walk.node))
            continue;
        if (refuse_duplicates(document, walk.node, complaints) != STATUS_OK)
            return STATUS_NO_MEMORY;
    } while (walk_next(&walk));
    return STATUS_OK;
}

/* Takes over the text, which is NUL-terminated. */
static enum status adopt(struct document *document, char *text, size_t size, struct complaints *complaints)
{
    struct json_mistake mistake;
    size_t before = complaints->count;
    *document = (struct document){text, size, NULL};
    if (!json_check(text, size, DOCUMENT_DEPTH_MAX, &mistake)) {
        unsigned line;
        unsigned column;
        line_column(document, mistake.at, &line, &column);
        complaints_add(complaints, line, column, "%s", mistake.why);
        document_deinit(document);
        return STATUS_WRONG_FILE;
    }
    /* What passed is JSON by cJSON's lights too, so that only memory can be short. */
    document->root = cJSON_ParseWithLength(text, size + 1);
    enum status status = document->root ? refuse_ambiguous(document, complaints) : STATUS_NO_MEMORY;
    if (status == STATUS_OK && complaints->count > before)
        status = STATUS_WRONG_FILE;
    if (status != STATUS_OK)
        document_deinit(document);
    return status;
}

enum status document_parse(struct document *document, const char *text, size_t size,
                           struct complaints *complaints)
{
    *document = (struct document){NULL, 0, NULL};
    if (size > DOCUMENT_SIZE_MAX) {
        complaints_add(complaints, 0, 0, "larger than 256 MiB; is this the right file?");
        return STATUS_WRONG_FILE;
    }
    char *copy = malloc(size + 1);
    if (!copy)
        return STATUS_NO_MEMORY;
    if (size)
        memcpy(copy, text, size);
    copy[size] = 0;
    return adopt(document, copy, size, complaints);
}

/* All that a stream gives, up to one byte more than is allowed. Sized by what arrives, not by what stat says,
   so that pipes work too. */
static enum status read_all(FILE *in, char **text_out, size_t *size_out)
{
    size_t capacity = 0;
    size_t size = 0;
    char *text = NULL;
    do {
        capacity = capacity ? capacity * 2 : 16384;
        char *grown = realloc(text, capacity + 1);
        if (!grown) {
            free(text);
            return STATUS_NO_MEMORY;
        }
        text = grown;
        size += fread(text + size, 1, capacity - size, in);
    } while (size == capacity && size <= DOCUMENT_SIZE_MAX);
    text[size] = 0;
    *text_out = text;
    *size_out = size;
    return ferror(in) ? STATUS_SYSTEM : STATUS_OK;
}

static enum status wrong_file(struct complaints *complaints, const char *what)
{
    complaints_add(complaints, 0, 0, "can't be read: %s; name a readable JSON file", what);
    return STATUS_WRONG_FILE;
}

enum status document_load(const char *path, char **text_out, size_t *size_out, struct complaints *complaints)
{
    *text_out = NULL;
    *size_out = 0;
    FILE *in = fopen(path, "rbe");
    if (!in)
        return wrong_file(complaints, strerror(errno));
    errno = 0;
    enum status status = read_all(in, text_out, size_out);
    int error = errno;
    fclose(in);
    if (status == STATUS_SYSTEM)
        status = wrong_file(complaints, strerror(error));
    else if (status == STATUS_OK && *size_out > DOCUMENT_SIZE_MAX)
        status = wrong_file(complaints, "larger than 256 MiB");
    if (status == STATUS_OK)
        return status;
    free(*text_out);
    *text_out = NULL;
    return status;
}

enum status document_read(struct document *document, const char *path, struct complaints *complaints)
{
    char *text = NULL;
    size_t size = 0;
    *document = (struct document){NULL, 0, NULL};
    enum status status = document_load(path, &text, &size, complaints);
    return status == STATUS_OK ? adopt(document, text, size, complaints) : status;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* How many letters one must insert, drop, change or swap with the next to make one word of the other,
   letters' case aside (optimal string alignment); words longer than any key here are far from all. */
static size_t word_distance(const char *a, const char *b)
{
    enum { WORD_MAX = 32 };
    size_t rows[3][WORD_MAX + 1]; /* this letter of a, the one before, and that before it, in turn */
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    if (a_length > WORD_MAX || b_length > WORD_MAX)
        return WORD_MAX;
    for (size_t i = 0; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            if (i == 0) {
                row[j] = j;
                continue;
            }
            row[j] = least(row[j - 1] + 1, above[j] + 1);
            row[j] = least(row[j], above[j - 1] + !same_letter(a[i - 1], b[j - 1]));
            bool swapped =
                i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1]);
            if (swapped)
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

/* The known key that was most probably meant; NULL when none is near. */
static const char *nearest(const char *name, const char *const *known)
{
    const char *best = NULL;
    size_t best_distance = 3;
    for (; *known; known++) {
        size_t distance = word_distance(name, *known);
        if (distance < best_distance && distance * 2 < strlen(*known)) {
            best = *known;
            best_distance = distance;
        }
    }
    return best;
}

static bool is_known(const char *name, const char *const *known)
{
    for (; *known; known++)
        if (strcmp(name, *known) == 0)
            return true;
    return false;
}

/* "a, b, c"; NULL when memory is out. */
static char *list_known(const char *const *known)
{
    size_t size = 1;
    for (const char *const *key = known; *key; key++)
        size += strlen(*key) + 2;
    char *list = calloc(1, size);
    char *end = list;
    for (const char *const *key = known; list && *key; key++)
        end += sprintf(end, "%s%s", key == known ? "" : ", ", *key);
    return list;
}

void document_refuse_unknown(const struct document *document, const cJSON *object, const char *const *known,
                             struct complaints *complaints)
{
    char *list = NULL;
    for (const cJSON *member = object->child; member; member = member->next) {
        if (!member->string || is_known(member->string, known))
            continue;
        const char *near = nearest(member->string, known);
        if (!list)
            list = list_known(known);
        const char *name = near ? near : list ? list : "";
        document_complain_name(document, member, complaints,
                               near ? "unknown key \"%s\"; did you mean \"%s\"?"
                                    : "unknown key \"%s\"; known here: %s",
                               quoted(member->string).text, name);
    }
    free(list);
}
