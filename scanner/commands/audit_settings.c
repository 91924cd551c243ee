#include "scanner/commands/audit_settings.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "targets/fields.h"

#define STATE_DEFAULT "/var/lib/auscult"

#define KEEP_DEFAULT        12
#define KEEP_MOST           10000
#define FALLS_BY_DEFAULT    10
#define RESUME_DAYS_DEFAULT 14
#define TIMEOUT_S_DEFAULT   60
#define WORDS_OF_COMMAND    64

const char *const audit_when_words[] = {"new", "back", "mended", "gate", "index_falls", "opened", NULL};

struct reading {
    struct fields fields;
    struct audit_settings *settings;
};

/* "one/two" of a folder and a path that may be relative to it; NULL, and kept, when memory is out. */
static char *join(struct fields *fields, const char *folder, const char *path)
{
    char *joined = NULL;
    if (path[0] == '/' || strcmp(folder, ".") == 0)
        return fields_copy(fields, path);
    if (asprintf(&joined, "%s%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/", path) >= 0)
        return joined;
    fields->status = STATUS_NO_MEMORY;
    return NULL;
}

static void read_path(struct reading *reading, const cJSON *object, const char *name, enum presence presence,
                      const char *example, char **path_out)
{
    struct fields *fields = &reading->fields;
    const cJSON *member = fields_member(fields, object, name, presence, example);
    if (!member || !fields_is_text(fields, member, name, example))
        return;
    free(*path_out);
    *path_out = join(fields, reading->settings->folder, member->valuestring);
}

static bool room_for(struct fields *fields, const cJSON *array, size_t most)
{
    if ((size_t)cJSON_GetArraySize(array) <= most)
        return true;
    fields_complain(fields, array, "\"%s\" has more than %zu entries; leave some out", array->string, most);
    return false;
}

/* An array of texts that is not empty; NULL, complained of, when it is none. */
static const cJSON *read_list(struct fields *fields, const cJSON *object, const char *name,
                              const char *example)
{
    const cJSON *array = fields_typed(fields, object, name, cJSON_Array, FIELD_OPTIONAL, example);
    if (!array || !room_for(fields, array, AUDIT_WORDS_MAX))
        return NULL;
    if (!array->child)
        fields_complain(fields, array, "\"%s\" is empty; write %s, or leave it out", name, example);
    return array->child ? array : NULL;
}

static void clear_words(char **words)
{
    for (; *words; words++) {
        free(*words);
        *words = NULL;
    }
}

static bool is_among(const char *word, char *const *words)
{
    for (; *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

/* Words that are known; each once. */
static void read_words(struct reading *reading, const cJSON *object, const char *name, const char *example,
                       bool (*known)(struct fields *fields, const cJSON *word), char **words)
{
    struct fields *fields = &reading->fields;
    const cJSON *array = read_list(fields, object, name, example);
    if (!array)
        return;
    clear_words(words);
    size_t count = 0;
    for (const cJSON *word = array->child; word; word = word->next) {
        if (!fields_is_text(fields, word, name, example) || !known(fields, word))
            continue;
        if (is_among(word->valuestring, words))
            fields_complain(fields, word, "\"%s\" stands in \"%s\" more than once; keep one of them",
                            quoted(word->valuestring).text, name);
        else if ((words[count] = fields_copy(fields, word->valuestring)))
            count++;
    }
}

static bool known_language(struct fields *fields, const cJSON *word)
{
    if (strcmp(word->valuestring, "zh") == 0 || strcmp(word->valuestring, "en") == 0)
        return true;
    fields_complain(fields, word, "\"%s\" is no language of the reports; write \"zh\" or \"en\"",
                    quoted(word->valuestring).text);
    return false;
}

static bool known_form(struct fields *fields, const cJSON *word)
{
    char list[256] = "";
    size_t size = 0;
    if (report_form_named(word->valuestring))
        return true;
    for (size_t i = 0; report_forms[i] && size < sizeof list; i++)
        size +=
            (size_t)snprintf(list + size, sizeof list - size, "%s%s", i ? ", " : "", report_forms[i]->name);
    fields_complain(fields, word, "\"%s\" is no form of this build; it has %s",
                    quoted(word->valuestring).text, list);
    return false;
}

static void read_paths(struct reading *reading, const cJSON *object, const char *name, const char *example,
                       char **paths)
{
    struct fields *fields = &reading->fields;
    const cJSON *array = read_list(fields, object, name, example);
    size_t count = 0;
    for (const cJSON *path = array ? array->child : NULL; path; path = path->next)
        if (fields_is_text(fields, path, name, example) &&
            (paths[count] = join(fields, reading->settings->folder, path->valuestring)))
            count++;
}

static void read_command_words(struct fields *fields, const cJSON *array, struct audit_command *command)
{
    size_t count = 0;
    command->words = fields_array(fields, (size_t)cJSON_GetArraySize(array) + 1, sizeof *command->words);
    for (const cJSON *word = array->child; word && command->words; word = word->next)
        if (fields_is(fields, word, cJSON_String, "command", "[\"/usr/local/bin/tell\", \"argument\"]") &&
            (command->words[count] = fields_copy(fields, word->valuestring)))
            count++;
}

/* {"command": […], "timeout_seconds": …} */
static void read_command(struct fields *fields, const cJSON *object, struct audit_command *command)
{
    const char *example = "[\"/usr/local/bin/tell\", \"argument\"]";
    const cJSON *array = fields_typed(fields, object, "command", cJSON_Array, FIELD_REQUIRED, example);
    fields_whole(fields, object, "timeout_seconds", FIELD_OPTIONAL, 1, 3600, &command->timeout_s);
    if (!array || !room_for(fields, array, WORDS_OF_COMMAND))
        return;
    const cJSON *first = array->child;
    if (!cJSON_IsString(first) || first->valuestring[0] != '/')
        fields_complain(fields, first ? first : array,
                        "a command begins with the absolute path of a program, as in %s", example);
    else
        read_command_words(fields, array, command);
}

static int when_bit(const char *word)
{
    for (int i = 0; audit_when_words[i]; i++)
        if (strcmp(audit_when_words[i], word) == 0)
            return 1 << i;
    return 0;
}

static void read_when(struct reading *reading, const cJSON *object)
{
    struct fields *fields = &reading->fields;
    const cJSON *array = read_list(fields, object, "when", "[\"new\", \"index_falls\"]");
    int when = 0;
    for (const cJSON *word = array ? array->child : NULL; word; word = word->next) {
        int bit = cJSON_IsString(word) ? when_bit(word->valuestring) : 0;
        if (!bit)
            fields_complain(
                fields, word,
                "\"when\" holds any of \"new\", \"back\", \"mended\", \"gate\", \"index_falls\", \"opened\"");
        when |= bit;
    }
    if (array)
        reading->settings->when = when;
}

static void read_on_change(struct reading *reading, const cJSON *root)
{
    static const char *const known[] = {"command", "timeout_seconds", "when", "index_falls_by", NULL};
    struct fields *fields = &reading->fields;
    const cJSON *object = fields_typed(fields, root, "on_change", cJSON_Object, FIELD_OPTIONAL,
                                       "{ \"command\": [\"/usr/local/bin/tell\"] }");
    if (!object)
        return;
    document_refuse_unknown(fields->document, object, known, fields->complaints);
    read_command(fields, object, &reading->settings->on_change);
    read_when(reading, object);
    fields_number(fields, object, "index_falls_by", FIELD_OPTIONAL, 1, 1000, "10",
                  &reading->settings->falls_by);
}

static void read_on_failure(struct reading *reading, const cJSON *root)
{
    static const char *const known[] = {"command", "timeout_seconds", NULL};
    struct fields *fields = &reading->fields;
    const cJSON *object = fields_typed(fields, root, "on_failure", cJSON_Object, FIELD_OPTIONAL,
                                       "{ \"command\": [\"/usr/local/bin/tell\"] }");
    if (!object)
        return;
    document_refuse_unknown(fields->document, object, known, fields->complaints);
    read_command(fields, object, &reading->settings->on_failure);
}

static void read_ports(struct reading *reading, const cJSON *root)
{
    struct fields *fields = &reading->fields;
    const char *example = "\"22,8000-8100\"", *why = "";
    struct ports ports;
    size_t at = 0;
    const cJSON *member = fields_typed(fields, root, "ports", cJSON_String, FIELD_OPTIONAL, example);
    if (!member)
        return;
    ports_init(&ports);
    enum status status = ports_parse(&ports, member->valuestring, &why, &at);
    if (status == STATUS_WRONG_FILE)
        fields_complain(fields, member, "\"%s\" is no list of ports, at character %zu: %s",
                        quoted(member->valuestring).text, at + 1, why);
    else if (fields_keep(fields, status) && ports.count == 0)
        fields_complain(fields, member, "\"ports\" names no port; write %s, or leave it out", example);
    else
        reading->settings->ports = fields_copy(fields, member->valuestring);
    ports_deinit(&ports);
}

/* One of some words, kept as the word. */
static void read_choice(struct reading *reading, const cJSON *root, const char *name,
                        const char *const *words, char **word_out)
{
    int choice = -1;
    fields_choice(&reading->fields, root, name, FIELD_OPTIONAL, words, &choice);
    if (choice >= 0)
        *word_out = fields_copy(&reading->fields, words[choice]);
}

static void read_flag(struct fields *fields, const cJSON *object, const char *name, bool *flag_out)
{
    const cJSON *member = fields_member(fields, object, name, FIELD_OPTIONAL, "true");
    if (!member)
        return;
    if (cJSON_IsBool(member))
        *flag_out = cJSON_IsTrue(member);
    else
        fields_complain(fields, member, "\"%s\" must be true or false", name);
}

static void read_scan(struct reading *reading, const cJSON *root)
{
    static const char *const engines[] = {"auto", "connect", "packet", "xdp", NULL};
    static const char *const vantages[] = {"internet", "partner", "internal", NULL};
    struct fields *fields = &reading->fields;
    struct audit_settings *settings = reading->settings;
    read_path(reading, root, "scope", FIELD_REQUIRED, "\"hospital.json\"", &settings->scope);
    fields_number(fields, root, "rate", FIELD_OPTIONAL, 0.01, 1e8, "1000", &settings->rate);
    read_ports(reading, root);
    read_choice(reading, root, "engine", engines, &settings->engine);
    read_choice(reading, root, "vantage", vantages, &settings->vantage);
    read_paths(reading, root, "catalogues", "[\"ours.json\"]", settings->catalogues);
    read_paths(reading, root, "require_signature", "[\"owner.pub.pem\"]", settings->signatures);
    read_flag(fields, root, "wait", &settings->wait);
    fields_number(fields, root, "fail_below", FIELD_OPTIONAL, 1, 1000, "700", &settings->fail_below);
    fields_number(fields, root, "deadline_hours", FIELD_OPTIONAL, 0.0001, 10000, "8", &settings->deadline_h);
    fields_whole(fields, root, "resume_within_days", FIELD_OPTIONAL, 1, 90, &settings->resume_days);
}

static void read_reports(struct reading *reading, const cJSON *root)
{
    static const char *const overlaps[] = {"skip", "wait", NULL};
    struct fields *fields = &reading->fields;
    struct audit_settings *settings = reading->settings;
    read_path(reading, root, "state", FIELD_OPTIONAL, "\"/var/lib/auscult/hospital\"", &settings->state);
    read_path(reading, root, "metrics", FIELD_OPTIONAL, "\"/var/lib/prometheus/node-exporter\"",
              &settings->metrics);
    read_path(reading, root, "log", FIELD_OPTIONAL, "\"/var/log/auscult/hospital.log\"", &settings->log);
    fields_whole(fields, root, "keep", FIELD_OPTIONAL, 2, KEEP_MOST, &settings->keep);
    read_words(reading, root, "languages", "[\"zh\", \"en\"]", known_language, settings->languages);
    read_words(reading, root, "forms", "[\"table\", \"jsonl\"]", known_form, settings->forms);
    read_on_change(reading, root);
    read_on_failure(reading, root);
    fields_choice(fields, root, "overlap", FIELD_OPTIONAL, overlaps, &settings->overlap_waits);
}

static void read_root(struct reading *reading, const cJSON *root)
{
    static const char *const known[] = {"auscult_audit",
                                        "scope",
                                        "state",
                                        "keep",
                                        "rate",
                                        "ports",
                                        "engine",
                                        "vantage",
                                        "languages",
                                        "forms",
                                        "metrics",
                                        "on_change",
                                        "on_failure",
                                        "overlap",
                                        "wait",
                                        "fail_below",
                                        "catalogues",
                                        "require_signature",
                                        "log",
                                        "deadline_hours",
                                        "resume_within_days",
                                        NULL};
    struct fields *fields = &reading->fields;
    if (!fields_is(fields, root, cJSON_Object, "audit",
                   "{ \"auscult_audit\": 1, \"scope\": \"hospital.json\" }"))
        return;
    const cJSON *layout = fields_member(fields, root, "auscult_audit", FIELD_REQUIRED, "1");
    if (layout && !(cJSON_IsNumber(layout) && layout->valuedouble == 1))
        fields_complain(fields, layout, "\"auscult_audit\" must be 1, the layout that this program reads");
    document_refuse_unknown(fields->document, root, known, fields->complaints);
    read_scan(reading, root);
    read_reports(reading, root);
}

/* The file's folder, and its name without folder and ending, which files and metrics will bear. */
static void take_name(struct fields *fields, struct audit_settings *settings, const char *path)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    size_t size = strlen(base);
    if (size > 5 && strcmp(base + size - 5, ".json") == 0)
        size -= 5;
    settings->name = strndup(base, size);
    settings->folder = !slash          ? strdup(".")
                       : slash == path ? strdup("/")
                                       : strndup(path, (size_t)(slash - path));
    if (!settings->name || !settings->folder)
        fields->status = STATUS_NO_MEMORY;
    else if (size == 0 || size > 60 || strspn(settings->name, allowed) != size)
        complaints_add(fields->complaints, 0, 0,
                       "an audit is named for its file, in 1 to 60 letters, digits, dashes or underscores; "
                       "rename it to hospital.json");
}

/* What only the whole file or the environment says. */
static void settle(struct fields *fields, struct audit_settings *settings)
{
    const char *folders = getenv("STATE_DIRECTORY");
    if (!folders || !*folders)
        folders = STATE_DEFAULT;
    /* systemd names several with colons between them (systemd.exec(5)); the first is the program's. */
    int first = (int)strcspn(folders, ":");
    if (!settings->state && asprintf(&settings->state, "%.*s/%s", first, folders, settings->name) < 0) {
        settings->state = NULL;
        fields->status = STATUS_NO_MEMORY;
    }
    if (!settings->log && settings->state && asprintf(&settings->log, "%s/audit.log", settings->state) < 0) {
        settings->log = NULL;
        fields->status = STATUS_NO_MEMORY;
    }
    if (!settings->languages[0])
        settings->languages[0] = fields_copy(fields, option_language_default() == LANGUAGE_ZH ? "zh" : "en");
    if (!settings->forms[0]) {
        settings->forms[0] = fields_copy(fields, "table");
        settings->forms[1] = fields_copy(fields, "jsonl");
    }
}

static enum status take(struct audit_settings *settings, const char *path, const struct document *document,
                        struct complaints *complaints)
{
    struct reading reading = {{document, complaints, text_unsafe, STATUS_OK}, settings};
    size_t before = fields_complaints(complaints);
    take_name(&reading.fields, settings, path);
    if (reading.fields.status == STATUS_OK)
        read_root(&reading, document->root);
    if (reading.fields.status == STATUS_OK)
        settle(&reading.fields, settings);
    if (reading.fields.status != STATUS_OK)
        return reading.fields.status;
    return fields_complaints(complaints) > before ? STATUS_WRONG_FILE : STATUS_OK;
}

static void start(struct audit_settings *settings)
{
    *settings = (struct audit_settings){
        .keep = KEEP_DEFAULT,
        .on_change = {.timeout_s = TIMEOUT_S_DEFAULT},
        .on_failure = {.timeout_s = TIMEOUT_S_DEFAULT},
        .when = AUDIT_NEW | AUDIT_BACK | AUDIT_GATE | AUDIT_INDEX_FALLS | AUDIT_OPENED,
        .falls_by = FALLS_BY_DEFAULT,
        .resume_days = RESUME_DAYS_DEFAULT,
    };
}

enum status audit_settings_read(struct audit_settings *settings, const char *path,
                                struct complaints *complaints)
{
    struct document document;
    start(settings);
    enum status status = document_read(&document, path, complaints);
    if (status == STATUS_OK)
        status = take(settings, path, &document, complaints);
    document_deinit(&document);
    return status;
}

enum status audit_settings_parse(struct audit_settings *settings, const char *path, const char *text,
                                 size_t size, struct complaints *complaints)
{
    struct document document;
    start(settings);
    enum status status = document_parse(&document, text, size, complaints);
    if (status == STATUS_OK)
        status = take(settings, path, &document, complaints);
    document_deinit(&document);
    return status;
}

static void free_command(struct audit_command *command)
{
    for (char **word = command->words; word && *word; word++)
        free(*word);
    free(command->words);
}

void audit_settings_deinit(struct audit_settings *settings)
{
    char **const texts[] = {&settings->name,  &settings->folder,  &settings->scope,
                            &settings->state, &settings->metrics, &settings->log,
                            &settings->ports, &settings->engine,  &settings->vantage};
    char **const lists[] = {settings->languages, settings->forms, settings->catalogues, settings->signatures};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(*texts[i]);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        clear_words(lists[i]);
    free_command(&settings->on_change);
    free_command(&settings->on_failure);
    *settings = (struct audit_settings){0};
}
