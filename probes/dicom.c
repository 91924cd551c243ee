#include <stdio.h>
#include <string.h>

#include "probes/probe.h"
#include "probes/product.h"

/* DICOM's association (PS3.8 §9.3): we ask for one that could verify and nothing else, read what the server
   makes of it, and release it. No message is sent inside it. */

enum {
    ASSOCIATION_ACCEPTED,
    VERIFICATION_ACCEPTED,
    ANY_CALLED_TITLE,
    CALLED_CHECKED,
    CALLING_CHECKED,
    REJECTION,
    IMPLEMENTATION_UID,
    IMPLEMENTATION_VERSION,
    MAX_PDU,
};

static const struct fact facts[] = {
    [ASSOCIATION_ACCEPTED] = {"dicom.association_accepted", FACT_BOOL,
                              "an association from an unknown title is accepted, which is no proof yet that "
                              "images can be read",
                              "接受未知AE标题的关联（不代表可读取影像）"},
    [VERIFICATION_ACCEPTED] = {"dicom.verification_accepted", FACT_BOOL,
                               "the Verification service is granted in it", "接受Verification服务"},
    [ANY_CALLED_TITLE] = {"dicom.any_called_title", FACT_BOOL,
                          "a called title that nobody has configured is accepted", "接受任意被叫AE标题"},
    [CALLED_CHECKED] = {"dicom.called_title_checked", FACT_BOOL, "the called title is checked",
                        "校验被叫AE标题"},
    [CALLING_CHECKED] = {"dicom.calling_title_checked", FACT_BOOL, "the calling title is checked",
                         "校验主叫AE标题"},
    [REJECTION] = {"dicom.rejection", FACT_TEXT, "result, source and reason of a rejection (PS3.8 §9.3.4)",
                   "关联拒绝的结果、来源和原因"},
    [IMPLEMENTATION_UID] = {"dicom.implementation_uid", FACT_TEXT, "implementation class UID", "实现类UID"},
    [IMPLEMENTATION_VERSION] = {"dicom.implementation_version", FACT_TEXT, "implementation version name",
                                "实现版本名称"},
    [MAX_PDU] = {"dicom.max_pdu", FACT_INTEGER, "largest PDU that the server takes, 0 for any",
                 "服务器接受的最大PDU长度"},
    {0},
};

enum {
    ASSOCIATE_RQ = 1,
    ASSOCIATE_AC = 2,
    ASSOCIATE_RJ = 3,
    RELEASE_RQ = 5,
    RELEASE_RP = 6,
    ABORT = 7,
};

enum {
    ITEM_APPLICATION = 0x10,
    ITEM_CONTEXT_ASKED = 0x20,
    ITEM_CONTEXT = 0x21,
    ITEM_ABSTRACT = 0x30,
    ITEM_TRANSFER = 0x40,
    ITEM_USER = 0x50,
    ITEM_MAX_LENGTH = 0x51,
    ITEM_CLASS_UID = 0x52,
    ITEM_VERSION_NAME = 0x55,
};

#define APPLICATION_UID "1.2.840.10008.3.1.1.1"
#define VERIFICATION    "1.2.840.10008.1.1"
#define IMPLICIT_LITTLE "1.2.840.10008.1.2"
#define EXPLICIT_LITTLE "1.2.840.10008.1.2.1"
#define OUR_CLASS_UID   "2.25.281902797041397821722615380918498137246" /* from a UUID (PS3.5 §B.2) */
#define OUR_VERSION     "AUSCULT"
#define OUR_MAX_PDU     16384
#define CONTEXT_ID      1
#define TITLE_SIZE      16

/* Nobody calls a device this, so that its acceptance proves that called titles are not checked; and it says
   what it is in the log of who reads it. */
#define CALLED_TITLE "NOT-CONFIGURED"

#define PDU_MAX 16384 /* an answer has some 200 bytes */

struct dicom_state {
    bool answered;
};

static size_t begin_item(struct buffer *out, uint8_t type)
{
    buffer_u8(out, type);
    buffer_u8(out, 0);
    return buffer_reserve(out, 2);
}

static void write_item(struct buffer *out, uint8_t type, const char *value)
{
    size_t length = begin_item(out, type);
    buffer_text(out, value);
    buffer_length_be(out, length, 2, 0);
}

static void write_user(struct buffer *out)
{
    size_t user = begin_item(out, ITEM_USER);
    size_t length = begin_item(out, ITEM_MAX_LENGTH);
    buffer_u32be(out, OUR_MAX_PDU);
    buffer_length_be(out, length, 2, 0);
    write_item(out, ITEM_CLASS_UID, OUR_CLASS_UID);
    write_item(out, ITEM_VERSION_NAME, OUR_VERSION);
    buffer_length_be(out, user, 2, 0);
}

static void write_associate(struct buffer *out, const char *calling)
{
    buffer_u8(out, ASSOCIATE_RQ);
    buffer_u8(out, 0);
    size_t length = buffer_reserve(out, 4);
    buffer_u16be(out, 1); /* protocol version */
    buffer_u16be(out, 0);
    buffer_padded(out, CALLED_TITLE, TITLE_SIZE, ' ');
    buffer_padded(out, calling, TITLE_SIZE, ' ');
    buffer_zeros(out, 32);
    write_item(out, ITEM_APPLICATION, APPLICATION_UID);
    size_t context = begin_item(out, ITEM_CONTEXT_ASKED);
    buffer_u8(out, CONTEXT_ID);
    buffer_zeros(out, 3);
    write_item(out, ITEM_ABSTRACT, VERIFICATION);
    write_item(out, ITEM_TRANSFER, IMPLICIT_LITTLE);
    write_item(out, ITEM_TRANSFER, EXPLICIT_LITTLE);
    buffer_length_be(out, context, 2, 0);
    write_user(out);
    buffer_length_be(out, length, 4, 0);
}

/* A release, or an abort by the service's user. */
static void write_end(struct buffer *out, uint8_t type)
{
    buffer_u8(out, type);
    buffer_u8(out, 0);
    buffer_u32be(out, 4);
    buffer_u32be(out, 0);
}

/* Published implementation class UIDs with the version names that go with them: both must fit, for some tools
   borrow another's UID. The version is what follows either prefix. */
static const struct {
    const char *product;
    const char *uid;
    const char *name;
    bool version_in_uid;
} toolkits[] = {
    {"DCMTK", "1.2.276.0.7230010.3.0.", "OFFIS_DCMTK_", true},
    {"pynetdicom", "1.2.826.0.1.3680043.9.3811.", "PYNETDICOM_", true},
    {"dcm4che", "1.2.40.0.13.1.", "dcm4che-", false},
    {"GDCM", "1.2.826.0.1.3680043.2.1143.107.104.103.115.", "GDCM ", false},
    {"fo-dicom", "1.3.6.1.4.1.30071.8", "fo-dicom ", false},
    {"Conquest DICOM", "1.2.826.0.1.3680043.2.135.1066.101", "", false},
    {"ClearCanvas", "1.3.6.1.4.1.25403.1.1.1", "Dicom ", false},
    {"MergeCOM", "2.16.840.1.113669.", "MergeCOM", false},
};

static void name_product(struct observation *observation, struct span uid, struct span name)
{
    for (size_t i = 0; i < sizeof toolkits / sizeof toolkits[0]; i++) {
        if (!span_starts(uid, toolkits[i].uid) || !span_starts(name, toolkits[i].name))
            continue;
        struct span version = toolkits[i].version_in_uid ? span_from(uid, strlen(toolkits[i].uid))
                                                         : span_from(name, strlen(toolkits[i].name));
        product_observe(observation, toolkits[i].product, version);
        return;
    }
}

struct acceptance {
    bool application;
    bool context;
    uint8_t context_result;
    bool max_pdu_told;
    uint32_t max_pdu;
    struct span class_uid;
    struct span version_name;
};

/* Values may be padded with a blank or a zero. */
static struct span unpadded(struct cursor *value)
{
    struct span span = cursor_span(value, cursor_left(value));
    while (span.size && (span_from(span, span.size - 1).bytes[0] == 0))
        span.size--;
    return span_trim(span);
}

static void read_context(struct cursor *value, struct acceptance *acceptance)
{
    uint8_t id = cursor_u8(value);
    cursor_skip(value, 1);
    uint8_t result = cursor_u8(value);
    if (!cursor_good(value) || id != CONTEXT_ID)
        return;
    acceptance->context = true;
    acceptance->context_result = result;
}

static void read_item(struct cursor *items, struct acceptance *acceptance, bool in_user)
{
    uint8_t type = cursor_u8(items);
    cursor_skip(items, 1);
    struct cursor value = cursor_block(items, cursor_u16be(items));
    if (!cursor_good(items))
        return;
    if (!in_user && type == ITEM_APPLICATION)
        acceptance->application = span_equals(unpadded(&value), APPLICATION_UID);
    else if (!in_user && type == ITEM_CONTEXT)
        read_context(&value, acceptance);
    else if (in_user && type == ITEM_CLASS_UID)
        acceptance->class_uid = unpadded(&value);
    else if (in_user && type == ITEM_VERSION_NAME)
        acceptance->version_name = unpadded(&value);
    else if (in_user && type == ITEM_MAX_LENGTH) {
        acceptance->max_pdu = cursor_u32be(&value);
        acceptance->max_pdu_told = cursor_good(&value);
    } else if (!in_user && type == ITEM_USER) {
        while (cursor_left(&value))
            read_item(&value, acceptance, true);
    }
}

/* True when it is DICOM that accepts; items after one that runs beyond the end are left out. */
static bool read_acceptance(struct cursor *pdu, struct acceptance *acceptance)
{
    uint16_t version = cursor_u16be(pdu);
    cursor_skip(pdu, 2 + TITLE_SIZE + TITLE_SIZE + 32);
    if (!cursor_good(pdu) || !(version & 1))
        return false;
    while (cursor_left(pdu))
        read_item(pdu, acceptance, false);
    return acceptance->application;
}

static void observe_acceptance(struct observation *observation, const struct acceptance *acceptance)
{
    observation_bool(observation, &facts[ASSOCIATION_ACCEPTED], true);
    observation_bool(observation, &facts[ANY_CALLED_TITLE], true);
    observation_bool(observation, &facts[CALLED_CHECKED], false);
    observation_bool(observation, &facts[CALLING_CHECKED], false);
    if (acceptance->context)
        observation_bool(observation, &facts[VERIFICATION_ACCEPTED], acceptance->context_result == 0);
    else
        observation_undetermined(observation, &facts[VERIFICATION_ACCEPTED],
                                 "the server does not say what became of the service asked for");
    if (acceptance->class_uid.size)
        observation_text(observation, &facts[IMPLEMENTATION_UID], acceptance->class_uid);
    if (acceptance->version_name.size)
        observation_text(observation, &facts[IMPLEMENTATION_VERSION], acceptance->version_name);
    if (acceptance->max_pdu_told)
        observation_integer(observation, &facts[MAX_PDU], acceptance->max_pdu);
    name_product(observation, acceptance->class_uid, acceptance->version_name);
}

static enum probe_answer accepted(struct probe_call *call, struct cursor *pdu)
{
    struct acceptance acceptance = {0};
    if (!read_acceptance(pdu, &acceptance))
        return PROBE_NOT_MINE;
    observe_acceptance(call->observation, &acceptance);
    write_end(call->out, RELEASE_RQ);
    return PROBE_WAIT;
}

enum { SOURCE_USER = 1, SOURCE_ACSE = 2, SOURCE_PRESENTATION = 3 };
enum { CALLING_NOT_RECOGNIZED = 3, CALLED_NOT_RECOGNIZED = 7 };

static const char *const results[] = {[1] = "permanent", [2] = "transient"};
static const char *const sources[] = {
    [SOURCE_USER] = "service user",
    [SOURCE_ACSE] = "service provider (ACSE)",
    [SOURCE_PRESENTATION] = "service provider (presentation)",
};

static const struct {
    uint8_t source;
    uint8_t reason;
    const char *words;
} reasons[] = {
    {SOURCE_USER, 1, "no reason given"},
    {SOURCE_USER, 2, "application context name not supported"},
    {SOURCE_USER, CALLING_NOT_RECOGNIZED, "calling AE title not recognized"},
    {SOURCE_USER, CALLED_NOT_RECOGNIZED, "called AE title not recognized"},
    {SOURCE_ACSE, 1, "no reason given"},
    {SOURCE_ACSE, 2, "protocol version not supported"},
    {SOURCE_PRESENTATION, 1, "temporary congestion"},
    {SOURCE_PRESENTATION, 2, "local limit exceeded"},
};

static void observe_reason(struct observation *observation, uint8_t result, uint8_t source, uint8_t reason)
{
    const char *words = "reserved reason";
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].source == source && reasons[i].reason == reason)
            words = reasons[i].words;
    char text[128];
    snprintf(text, sizeof text, "%s, %s: %s", results[result], sources[source], words);
    observation_words(observation, &facts[REJECTION], text);
}

/* Which title the server looked at is known only when it says so; a calling title that is not recognized is a
   control of its own and says nothing of the called one. */
static void observe_rejection(struct observation *observation, uint8_t source, uint8_t reason)
{
    bool called = source == SOURCE_USER && reason == CALLED_NOT_RECOGNIZED;
    bool calling = source == SOURCE_USER && reason == CALLING_NOT_RECOGNIZED;
    const char *why = calling  ? "our calling title was refused first"
                      : called ? "the called title was refused first"
                               : "the association was refused for another reason";
    if (called) {
        observation_bool(observation, &facts[CALLED_CHECKED], true);
        observation_bool(observation, &facts[ANY_CALLED_TITLE], false);
    } else {
        observation_undetermined(observation, &facts[CALLED_CHECKED], why);
        observation_undetermined(observation, &facts[ANY_CALLED_TITLE], why);
    }
    if (calling)
        observation_bool(observation, &facts[CALLING_CHECKED], true);
    else
        observation_undetermined(observation, &facts[CALLING_CHECKED], why);
}

static enum probe_answer rejected(struct probe_call *call, struct cursor *pdu)
{
    cursor_skip(pdu, 1);
    uint8_t result = cursor_u8(pdu);
    uint8_t source = cursor_u8(pdu);
    uint8_t reason = cursor_u8(pdu);
    bool whole = cursor_good(pdu) && cursor_left(pdu) == 0;
    if (!whole || result < 1 || result > 2 || source < SOURCE_USER || source > SOURCE_PRESENTATION)
        return PROBE_NOT_MINE;
    observation_bool(call->observation, &facts[ASSOCIATION_ACCEPTED], false);
    observation_undetermined(call->observation, &facts[VERIFICATION_ACCEPTED], "the association was refused");
    observe_reason(call->observation, result, source, reason);
    observe_rejection(call->observation, source, reason);
    return PROBE_DONE;
}

/* An abort in place of an answer (PS3.8 §9.3.8). */
static enum probe_answer aborted(struct probe_call *call, struct cursor *pdu)
{
    cursor_skip(pdu, 2);
    uint8_t source = cursor_u8(pdu);
    cursor_skip(pdu, 1);
    if (!cursor_good(pdu) || cursor_left(pdu) || (source != 0 && source != 2))
        return PROBE_NOT_MINE;
    static const int open[] = {ASSOCIATION_ACCEPTED, VERIFICATION_ACCEPTED, ANY_CALLED_TITLE, CALLED_CHECKED,
                               CALLING_CHECKED};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        observation_undetermined(call->observation, &facts[open[i]], "the server aborted without an answer");
    return PROBE_DONE;
}

static enum probe_answer heard_answer(struct probe_call *call, uint8_t type, struct cursor *pdu)
{
    struct dicom_state *state = call->state;
    state->answered = true;
    if (type == ASSOCIATE_AC)
        return accepted(call, pdu);
    return type == ASSOCIATE_RJ ? rejected(call, pdu) : aborted(call, pdu);
}

/* Between our release and its answer the server may still say something; nothing of it is for us. */
static enum probe_answer heard_release(uint8_t type)
{
    return type == RELEASE_RP || type == ABORT ? PROBE_DONE : PROBE_WAIT;
}

static bool expected(uint8_t type, bool answered)
{
    return answered ? type >= ASSOCIATE_RQ && type <= ABORT
                    : type == ASSOCIATE_AC || type == ASSOCIATE_RJ || type == ABORT;
}

static enum probe_answer give_up(struct probe_call *call)
{
    const struct dicom_state *state = call->state;
    if (!state->answered)
        return PROBE_NOT_MINE;
    write_end(call->out, ABORT);
    return PROBE_DONE;
}

static enum probe_answer heard(struct probe_call *call)
{
    const struct dicom_state *state = call->state;
    enum probe_answer answer = PROBE_WAIT;
    while (answer == PROBE_WAIT && cursor_left(call->in)) {
        struct cursor reader = *call->in;
        uint8_t type = cursor_u8(&reader);
        uint8_t reserved = cursor_u8(&reader);
        uint32_t length = cursor_u32be(&reader);
        if (!expected(type, state->answered) || reserved != 0 || length > PDU_MAX)
            return give_up(call);
        struct cursor pdu = cursor_block(&reader, length);
        if (!cursor_good(&reader))
            return PROBE_WAIT;
        cursor_commit(call->in, &reader);
        answer = state->answered ? heard_release(type) : heard_answer(call, type, &pdu);
    }
    return answer;
}

static enum probe_answer step(struct probe_call *call)
{
    const struct dicom_state *state = call->state;
    switch (call->event) {
    case PROBE_OPENED:
        write_associate(call->out, call->context->client_title);
        return PROBE_WAIT;
    case PROBE_HEARD:
        return heard(call);
    case PROBE_QUIET:
        return give_up(call);
    case PROBE_ENDED:
    case PROBE_SECURED:
    case PROBE_UNSECURED:
        break;
    }
    return state->answered ? PROBE_DONE : PROBE_NOT_MINE;
}

const struct probe probe_dicom = {
    .name = "dicom",
    .manner = PROBE_CLIENT_FIRST,
    .ports = (const uint16_t[]){104, 11112, 4242, 2345, 0},
    .tls_ports = (const uint16_t[]){2762, 0},
    .alone = true, /* archives are licensed for few associations at a time */
    .state_size = sizeof(struct dicom_state),
    .facts = facts,
    .step = step,
};
