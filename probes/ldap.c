#include <stdio.h>
#include <string.h>

#include "probes/ber.h"
#include "probes/probe.h"
#include "probes/product.h"

/* LDAP's root entry, read without a bind (RFC 4511, RFC 4512 §5.1), and StartTLS where it is offered (RFC
   4511 §4.14). The message ids that come back are ours. */

enum {
    ROOT_DSE,
    STARTTLS,
    STARTTLS_WORKS,
    NAMING_CONTEXTS,
    VENDOR,
    SASL,
    ACTIVE_DIRECTORY,
    DOMAIN_LEVEL,
    HOST_NAME,
    RESULT_CODE,
};

static const struct fact facts[] = {
    [ROOT_DSE] = {"ldap.root_dse", FACT_BOOL, "the root entry is readable without a bind",
                  "无需绑定即可读取根条目"},
    [STARTTLS] = {"ldap.starttls", FACT_BOOL, "StartTLS is offered", "提供StartTLS"},
    [STARTTLS_WORKS] = {"ldap.starttls_works", FACT_BOOL, "the TLS handshake after StartTLS came to its end",
                        "StartTLS握手成功完成"},
    [NAMING_CONTEXTS] = {"ldap.naming_contexts", FACT_TEXT, "the directory's base names", "命名上下文"},
    [VENDOR] = {"ldap.vendor", FACT_TEXT, "vendor and version as the directory tells them", "厂商与版本"},
    [SASL] = {"ldap.sasl", FACT_TEXT, "SASL mechanisms offered", "支持的SASL机制"},
    [ACTIVE_DIRECTORY] = {"ldap.active_directory", FACT_BOOL, "the directory is an Active Directory domain's",
                          "该目录属于活动目录域"},
    [DOMAIN_LEVEL] = {"ldap.domain_level", FACT_INTEGER,
                      "Active Directory's functional level (MS-ADTS 6.1.4.4)", "活动目录域功能级别"},
    [HOST_NAME] = {"ldap.host_name", FACT_TEXT, "the domain controller's own name", "域控制器主机名"},
    [RESULT_CODE] = {"ldap.result_code", FACT_INTEGER,
                     "result of the search for the root entry, 0 for success", "根条目查询结果码"},
    {0},
};

enum {
    UNBIND_REQUEST = 0x42,
    SEARCH_REQUEST = 0x63,
    SEARCH_ENTRY = 0x64,
    SEARCH_DONE = 0x65,
    SEARCH_REFERENCE = 0x73,
    EXTENDED_REQUEST = 0x77,
    EXTENDED_RESPONSE = 0x78,
    INTERMEDIATE = 0x79,
    FILTER_PRESENT = 0x87,
    REQUEST_NAME = 0x80,
};

enum { RESULT_SUCCESS = 0, RESULT_OPERATIONS_ERROR = 1, RESULT_PROTOCOL_ERROR = 2 };

#define STARTTLS_MOST 4 /* times that it is asked for */

#define STARTTLS_OID "1.3.6.1.4.1.1466.20037"
#define MESSAGE_MAX  32768
#define MESSAGES_MAX 16

enum attribute {
    OBJECT_CLASS,
    NAMING_CONTEXT,
    EXTENSION,
    SASL_MECHANISM,
    VENDOR_NAME,
    VENDOR_VERSION,
    ROOT_DOMAIN,
    DNS_HOST_NAME,
    DOMAIN_FUNCTIONALITY,
    ATTRIBUTES,
};

static const char *const attributes[ATTRIBUTES] = {
    [OBJECT_CLASS] = "objectClass",
    [NAMING_CONTEXT] = "namingContexts",
    [EXTENSION] = "supportedExtension",
    [SASL_MECHANISM] = "supportedSASLMechanisms",
    [VENDOR_NAME] = "vendorName",
    [VENDOR_VERSION] = "vendorVersion",
    [ROOT_DOMAIN] = "rootDomainNamingContext",
    [DNS_HOST_NAME] = "dnsHostName",
    [DOMAIN_FUNCTIONALITY] = "domainFunctionality",
};

enum phase { SEARCHING, STARTING_TLS, OVER };

struct ldap_state {
    enum phase phase;
    bool heard;
    bool entry;
    bool starttls;
    unsigned messages;
    uint32_t again; /* times that StartTLS was asked for once more */
};

/* Search, StartTLS each time, and unbind are numbered from here on; never 0, which is the server's. */
static uint32_t first_id(const struct probe_call *call)
{
    return (uint32_t)(call->context->nonce & 0x3fffffff) + 1;
}

static void write_search(struct buffer *out, uint32_t id)
{
    size_t message = ber_begin(out, BER_SEQUENCE);
    ber_write_number(out, BER_INTEGER, id);
    size_t search = ber_begin(out, SEARCH_REQUEST);
    ber_write_text(out, BER_OCTETS, "");
    ber_write_number(out, BER_ENUMERATED, 0); /* the entry alone */
    ber_write_number(out, BER_ENUMERATED, 0); /* never follow an alias */
    ber_write_number(out, BER_INTEGER, 1);    /* entries */
    ber_write_number(out, BER_INTEGER, 5);    /* seconds */
    ber_write_number(out, BER_BOOLEAN, 0);
    ber_write_text(out, FILTER_PRESENT, attributes[OBJECT_CLASS]);
    size_t list = ber_begin(out, BER_SEQUENCE);
    for (size_t i = 0; i < ATTRIBUTES; i++)
        ber_write_text(out, BER_OCTETS, attributes[i]);
    ber_end(out, list);
    ber_end(out, search);
    ber_end(out, message);
}

static void write_starttls(struct buffer *out, uint32_t id)
{
    size_t message = ber_begin(out, BER_SEQUENCE);
    ber_write_number(out, BER_INTEGER, id);
    size_t request = ber_begin(out, EXTENDED_REQUEST);
    ber_write_text(out, REQUEST_NAME, STARTTLS_OID);
    ber_end(out, request);
    ber_end(out, message);
}

static void write_unbind(struct buffer *out, uint32_t id)
{
    size_t message = ber_begin(out, BER_SEQUENCE);
    ber_write_number(out, BER_INTEGER, id);
    buffer_u8(out, UNBIND_REQUEST);
    buffer_u8(out, 0);
    ber_end(out, message);
}

/* What the root entry says, gathered before any of it is committed. Lists are joined as far as there is room.
 */
struct root {
    bool open_ldap;
    bool active_directory;
    bool extensions;
    bool starttls;
    bool level_told;
    uint64_t level;
    struct span vendor_name, vendor_version, host_name;
    uint8_t contexts_storage[OBSERVATION_TEXT_MAX], sasl_storage[OBSERVATION_TEXT_MAX];
    struct buffer contexts, sasl;
};

/* A value for which there is no room is left out whole. */
static void join(struct buffer *list, const char *separator, struct span value)
{
    if (list->capacity - list->size < strlen(separator) + value.size)
        return;
    if (list->size)
        buffer_text(list, separator);
    buffer_bytes(list, value.bytes, value.size);
}

static void read_value(struct root *root, enum attribute attribute, struct span value)
{
    switch (attribute) {
    case OBJECT_CLASS:
        root->open_ldap |= span_equals_nocase(value, "OpenLDAProotDSE");
        break;
    case NAMING_CONTEXT:
        join(&root->contexts, "; ", value);
        break;
    case EXTENSION:
        root->extensions = true;
        root->starttls |= span_equals(value, STARTTLS_OID);
        break;
    case SASL_MECHANISM:
        join(&root->sasl, ", ", value);
        break;
    case VENDOR_NAME:
        root->vendor_name = value;
        break;
    case VENDOR_VERSION:
        root->vendor_version = value;
        break;
    case ROOT_DOMAIN:
        root->active_directory = true;
        break;
    case DNS_HOST_NAME:
        root->host_name = value;
        break;
    case DOMAIN_FUNCTIONALITY:
        root->level_told = span_number(value, 1000, &root->level);
        break;
    case ATTRIBUTES:
        break;
    }
}

static enum attribute attribute_named(struct span name)
{
    size_t i = 0;
    while (i < ATTRIBUTES && !span_equals_nocase(name, attributes[i]))
        i++;
    return (enum attribute)i;
}

/* SearchResultEntry (RFC 4511 §4.5.2): name, then a list of attributes with their values. */
static bool read_entry(struct cursor *entry, struct root *root)
{
    (void)ber_string(entry, BER_OCTETS);
    struct cursor list = ber_element(entry, BER_SEQUENCE);
    while (cursor_left(&list)) {
        struct cursor item = ber_element(&list, BER_SEQUENCE);
        enum attribute attribute = attribute_named(ber_string(&item, BER_OCTETS));
        struct cursor values = ber_element(&item, BER_SET);
        while (cursor_left(&values)) {
            struct span value = ber_string(&values, BER_OCTETS);
            if (cursor_good(&values))
                read_value(root, attribute, value);
        }
        if (!cursor_good(&item) || !cursor_good(&values))
            return false;
    }
    return cursor_good(entry) && cursor_good(&list);
}

/* Vendor names with what stands before the version. */
static const struct {
    const char *vendor;
    const char *product;
    const char *before_version;
} vendors[] = {
    {"Samba", "Samba", ""},
    {"389 Project", "389 Directory Server", "389-Directory/"},
    {"Apache Software Foundation", "ApacheDS", ""},
    {"Novell", "eDirectory", "eDirectory "},
    {"NetIQ", "eDirectory", "eDirectory "},
};

static void name_product(struct observation *observation, const struct root *root)
{
    if (root->open_ldap)
        product_observe(observation, "OpenLDAP", (struct span){0});
    for (size_t i = 0; i < sizeof vendors / sizeof vendors[0]; i++) {
        if (!span_starts_nocase(root->vendor_name, vendors[i].vendor))
            continue;
        size_t at = span_find(root->vendor_version, vendors[i].before_version);
        struct span version = {0};
        if (at != SIZE_MAX)
            version = span_from(root->vendor_version, at + strlen(vendors[i].before_version));
        product_observe(observation, vendors[i].product, version);
        return;
    }
    if (root->active_directory && root->vendor_name.size == 0)
        product_observe(observation, "Microsoft Active Directory", (struct span){0});
}

static void observe_vendor(struct observation *observation, const struct root *root)
{
    uint8_t storage[OBSERVATION_TEXT_MAX];
    struct buffer text = buffer_over(storage, sizeof storage);
    join(&text, " ", root->vendor_name);
    if (root->vendor_version.size)
        join(&text, " ", root->vendor_version);
    if (text.size)
        observation_text(observation, &facts[VENDOR], (struct span){text.bytes, text.size});
}

static void observe_list(struct observation *observation, const struct fact *fact, const struct buffer *list)
{
    if (list->size)
        observation_text(observation, fact, (struct span){list->bytes, list->size});
}

static void observe_root(struct observation *observation, const struct root *root)
{
    observation_bool(observation, &facts[ROOT_DSE], true);
    observation_bool(observation, &facts[ACTIVE_DIRECTORY], root->active_directory);
    observe_list(observation, &facts[NAMING_CONTEXTS], &root->contexts);
    observe_list(observation, &facts[SASL], &root->sasl);
    observe_vendor(observation, root);
    if (root->host_name.size)
        observation_text(observation, &facts[HOST_NAME], root->host_name);
    if (root->level_told)
        observation_integer(observation, &facts[DOMAIN_LEVEL], (int64_t)root->level);
    name_product(observation, root);
}

static bool heard_entry(struct probe_call *call, struct cursor *entry)
{
    struct ldap_state *state = call->state;
    struct root root = {0};
    root.contexts = buffer_over(root.contexts_storage, sizeof root.contexts_storage);
    root.sasl = buffer_over(root.sasl_storage, sizeof root.sasl_storage);
    if (!read_entry(entry, &root))
        return false;
    if (state->entry)
        return true;
    state->entry = true;
    state->starttls = root.starttls;
    observe_root(call->observation, &root);
    if (!call->inside_tls && root.extensions)
        observation_bool(call->observation, &facts[STARTTLS], root.starttls);
    return true;
}

static enum probe_answer finish(struct probe_call *call)
{
    struct ldap_state *state = call->state;
    state->phase = OVER;
    write_unbind(call->out, first_id(call) + 2 + state->again);
    return PROBE_DONE;
}

/* LDAPResult (RFC 4511 §4.1.9), whose first field is the code. Where the root entry did not list what the
   server can do, StartTLS is asked for all the same: it is allowed before everything else. */
static enum probe_answer heard_done(struct probe_call *call, uint32_t code)
{
    struct ldap_state *state = call->state;
    struct observation *observation = call->observation;
    observation_integer(observation, &facts[RESULT_CODE], code);
    if (!state->entry) {
        observation_bool(observation, &facts[ROOT_DSE], false);
        observation_undetermined(observation, &facts[ACTIVE_DIRECTORY], "the root entry was not readable");
    }
    if (call->inside_tls) {
        observation_undetermined(observation, &facts[STARTTLS], "the connection is inside TLS already");
        return finish(call);
    }
    const struct fact_value *listed = observation_find(observation, facts[STARTTLS].name);
    if (listed && !listed->undetermined && !state->starttls)
        return finish(call);
    observation_undetermined(observation, &facts[STARTTLS], "the server did not answer StartTLS");
    observation_undetermined(observation, &facts[STARTTLS_WORKS], "the server did not answer StartTLS");
    state->phase = STARTING_TLS;
    write_starttls(call->out, first_id(call) + 1);
    return PROBE_WAIT;
}

/* operationsError says that it is not the moment (RFC 4511 §4.14.2), not that it does not work: slapd may have sent the
   search's result and still take the search for outstanding. */
static enum probe_answer out_of_turn(struct probe_call *call)
{
    static const char why[] = "the server was never ready for StartTLS";
    struct ldap_state *state = call->state;
    if (state->again + 1 < STARTTLS_MOST) {
        write_starttls(call->out, first_id(call) + 1 + ++state->again);
        return PROBE_WAIT;
    }
    observation_undetermined(call->observation, &facts[STARTTLS], why);
    observation_undetermined(call->observation, &facts[STARTTLS_WORKS], why);
    return finish(call);
}

/* A server that does not know the operation says protocolError (RFC 4511 §4.14.2); any other refusal is of a
   StartTLS that exists. */
static enum probe_answer heard_starttls(struct probe_call *call, uint32_t code)
{
    struct ldap_state *state = call->state;
    struct observation *observation = call->observation;
    if (code == RESULT_SUCCESS) {
        observation_bool(observation, &facts[STARTTLS], true);
        state->phase = OVER;
        return PROBE_TLS;
    }
    if (code == RESULT_OPERATIONS_ERROR)
        return out_of_turn(call);
    observation_bool(observation, &facts[STARTTLS_WORKS], false);
    if (code == RESULT_PROTOCOL_ERROR && !state->starttls)
        observation_bool(observation, &facts[STARTTLS], false);
    else
        observation_undetermined(observation, &facts[STARTTLS], "the server refused StartTLS this time");
    return finish(call);
}

static void observe_open_questions(struct probe_call *call)
{
    static const char why[] = "the server broke off";
    const struct ldap_state *state = call->state;
    if (state->phase != SEARCHING)
        return;
    if (!state->entry)
        observation_undetermined(call->observation, &facts[ROOT_DSE], why);
    observation_undetermined(call->observation, &facts[STARTTLS], why);
}

static enum probe_answer strange(struct probe_call *call)
{
    const struct ldap_state *state = call->state;
    if (!state->heard)
        return PROBE_NOT_MINE;
    observe_open_questions(call);
    return finish(call);
}

static enum probe_answer heard_operation(struct probe_call *call, uint8_t operation, struct cursor *value)
{
    struct ldap_state *state = call->state;
    bool entry = operation == SEARCH_ENTRY && state->phase == SEARCHING;
    bool passing = operation == SEARCH_REFERENCE || operation == INTERMEDIATE;
    bool result = operation == (state->phase == SEARCHING ? SEARCH_DONE : EXTENDED_RESPONSE);
    if (entry && !heard_entry(call, value))
        return strange(call);
    uint32_t code = result ? ber_number(value, BER_ENUMERATED) : 0;
    if (!(entry || passing || result) || !cursor_good(value) || ++state->messages > MESSAGES_MAX)
        return strange(call);
    state->heard = true;
    if (!result)
        return PROBE_WAIT;
    return state->phase == SEARCHING ? heard_done(call, code) : heard_starttls(call, code);
}

/* Id 0 is the server's own: the notice that it disconnects (RFC 4511 §4.4.1). */
static enum probe_answer heard_message(struct probe_call *call, struct cursor *message)
{
    struct ldap_state *state = call->state;
    uint32_t id = ber_number(message, BER_INTEGER);
    uint8_t operation;
    struct cursor value = ber_next(message, &operation);
    uint32_t expected = first_id(call) + (state->phase == STARTING_TLS ? 1 + state->again : 0);
    if (!cursor_good(message) || (id != expected && id != 0))
        return strange(call);
    if (id != 0)
        return heard_operation(call, operation, &value);
    if (operation != EXTENDED_RESPONSE)
        return strange(call);
    state->heard = true;
    return PROBE_WAIT;
}

static enum probe_answer heard(struct probe_call *call)
{
    const struct ldap_state *state = call->state;
    enum probe_answer answer = PROBE_WAIT;
    while (answer == PROBE_WAIT && cursor_left(call->in)) {
        if (state->phase == OVER)
            return PROBE_DONE;
        struct cursor reader = *call->in;
        if (cursor_peek(&reader, 0) != BER_SEQUENCE)
            return strange(call);
        struct cursor message = ber_element(&reader, BER_SEQUENCE);
        bool endless = cursor_short(&reader) && cursor_left(call->in) > MESSAGE_MAX;
        if (reader.state == CURSOR_MALFORMED || endless)
            return strange(call);
        if (!cursor_good(&reader))
            return PROBE_WAIT;
        cursor_commit(call->in, &reader);
        answer = heard_message(call, &message);
    }
    return answer;
}

static enum probe_answer ended(struct probe_call *call)
{
    const struct ldap_state *state = call->state;
    if (!state->heard)
        return PROBE_NOT_MINE;
    observe_open_questions(call);
    return PROBE_DONE;
}

static enum probe_answer step(struct probe_call *call)
{
    switch (call->event) {
    case PROBE_OPENED:
        write_search(call->out, first_id(call));
        return PROBE_WAIT;
    case PROBE_HEARD:
        return heard(call);
    case PROBE_SECURED:
        observation_bool(call->observation, &facts[STARTTLS_WORKS], true);
        return finish(call);
    case PROBE_UNSECURED:
        observation_undetermined(call->observation, &facts[STARTTLS_WORKS], "the handshake did not end");
        return PROBE_DONE;
    case PROBE_ENDED:
    case PROBE_QUIET:
        break;
    }
    return ended(call);
}

const struct probe probe_ldap = {
    .name = "ldap",
    .manner = PROBE_CLIENT_FIRST,
    .ports = (const uint16_t[]){389, 3268, 0},
    .tls_ports = (const uint16_t[]){636, 3269, 0},
    .state_size = sizeof(struct ldap_state),
    .facts = facts,
    .step = step,
};
