#include "probes/smb_message.h"

enum {
    SESSION_MESSAGE = 0x00,
    SESSION_REQUEST = 0x81,
    SESSION_ACCEPTED = 0x82,
    SESSION_REFUSED = 0x83,
    SESSION_KEEP_ALIVE = 0x85,
};

#define MESSAGE_MAX  16384 /* a negotiate response has under 600 bytes */
#define HEADER_2     64
#define FLAG_REPLY_1 0x80
#define FLAG_REPLY_2 0x1
#define NEGOTIATE_2  0
#define NO_DIALECT   0xffff
#define CONTEXTS_MAX 16
#define SHA_512      1

enum { CONTEXT_PREAUTH = 1, CONTEXT_ENCRYPTION = 2 };
enum { CAPABILITY_ENCRYPTION = 0x40 };
enum { MODE_2_SIGNING = 1, MODE_2_SIGNING_MUST = 2 };
enum { MODE_1_USER = 1, MODE_1_CHALLENGE = 2, MODE_1_SIGNING = 4, MODE_1_SIGNING_MUST = 8 };

/* MS-SMB 2.2.3.1: NT status codes, Unicode, long names, extended security. */
enum { FLAGS2 = 0xc801, FLAGS2_EXTENDED_SECURITY = 0x0800 };

static const struct {
    uint16_t revision;
    const char *name;
} dialects[] = {
    {0x0202, "2.0.2"}, {0x0210, "2.1"}, {0x0300, "3.0"}, {0x0302, "3.0.2"}, {0x0311, "3.1.1"},
};
#define DIALECTS (sizeof dialects / sizeof dialects[0])

static enum smb_frame frame_of(uint8_t type, const struct cursor *payload)
{
    size_t size = cursor_left(payload);
    if (type == SESSION_MESSAGE)
        return SMB_FRAME_MESSAGE;
    if (type == SESSION_ACCEPTED && size == 0)
        return SMB_FRAME_SESSION;
    if (type == SESSION_REFUSED && size == 1 && cursor_peek(payload, 0) >= 0x80)
        return SMB_FRAME_SESSION_REFUSED;
    if (type == SESSION_KEEP_ALIVE && size == 0)
        return SMB_FRAME_KEEP_ALIVE;
    return SMB_FRAME_STRANGE;
}

enum smb_frame smb_message_frame(struct cursor *in, struct cursor *payload_out)
{
    struct cursor reader = *in;
    uint8_t type = cursor_u8(&reader);
    if (type != SESSION_MESSAGE && (type < SESSION_ACCEPTED || type > SESSION_KEEP_ALIVE))
        return SMB_FRAME_STRANGE;
    uint32_t length = cursor_u24be(&reader);
    if (length > MESSAGE_MAX)
        return SMB_FRAME_STRANGE;
    *payload_out = cursor_block(&reader, length);
    if (!cursor_good(&reader))
        return SMB_FRAME_WAIT;
    cursor_commit(in, &reader);
    return frame_of(type, payload_out);
}

/* RFC 1001 §14.1: each half of a byte becomes a letter. */
static void write_netbios_name(struct buffer *out, const char *name, uint8_t kind)
{
    uint8_t storage[16];
    struct buffer plain = buffer_over(storage, sizeof storage);
    buffer_padded(&plain, name, 15, ' ');
    buffer_u8(&plain, kind);
    buffer_u8(out, 2 * sizeof storage);
    for (size_t i = 0; i < sizeof storage; i++) {
        buffer_u8(out, (uint8_t)('A' + (storage[i] >> 4)));
        buffer_u8(out, (uint8_t)('A' + (storage[i] & 15)));
    }
    buffer_u8(out, 0);
}

void smb_message_write_session_request(struct buffer *out)
{
    buffer_u8(out, SESSION_REQUEST);
    buffer_u8(out, 0);
    size_t length = buffer_reserve(out, 2);
    write_netbios_name(out, "*SMBSERVER", 0x20);
    write_netbios_name(out, "AUSCULT", 0);
    buffer_length_be(out, length, 2, 0);
}

void smb_message_write_negotiate_1(struct buffer *out, uint64_t nonce)
{
    buffer_u8(out, SESSION_MESSAGE);
    size_t length = buffer_reserve(out, 3);
    buffer_text(out, "\xffSMB\x72");
    buffer_u32le(out, 0);
    buffer_u8(out, 0x18); /* canonical paths without case */
    buffer_u16le(out, FLAGS2);
    buffer_zeros(out, 2 + 8 + 2 + 2);
    buffer_u16le(out, (uint16_t)nonce); /* process and multiplex id, which come back */
    buffer_u16le(out, 0);
    buffer_u16le(out, (uint16_t)(nonce >> 16));
    buffer_u8(out, 0);
    buffer_u16le(out, 12);
    buffer_text(out, "\x02NT LM 0.12");
    buffer_u8(out, 0);
    buffer_length_be(out, length, 3, 0);
}

static void write_header_2(struct buffer *out)
{
    buffer_text(out, "\xfeSMB");
    buffer_u16le(out, HEADER_2);
    buffer_u16le(out, 0); /* credit charge */
    buffer_u32le(out, 0); /* channel sequence */
    buffer_u16le(out, NEGOTIATE_2);
    buffer_u16le(out, 1); /* credits asked for */
    buffer_zeros(out, 4 + 4 + 8 + 4 + 4 + 8 + 16);
}

/* Without the pre-authentication context a server may not choose 3.1.1, and without the other it does not say
   whether it encrypts (MS-SMB2 2.2.3.1). */
static void write_contexts(struct buffer *out, uint64_t nonce)
{
    buffer_u16le(out, CONTEXT_PREAUTH);
    buffer_u16le(out, 38);
    buffer_u32le(out, 0);
    buffer_u16le(out, 1);  /* one algorithm */
    buffer_u16le(out, 32); /* bytes of salt */
    buffer_u16le(out, SHA_512);
    for (unsigned i = 0; i < 4; i++)
        buffer_u64le(out, nonce + i);
    buffer_zeros(out, 2); /* to a multiple of eight */
    buffer_u16le(out, CONTEXT_ENCRYPTION);
    buffer_u16le(out, 10);
    buffer_u32le(out, 0);
    buffer_u16le(out, 4);
    for (uint16_t cipher = 1; cipher <= 4; cipher++) /* AES-128 and AES-256, CCM and GCM */
        buffer_u16le(out, cipher);
}

void smb_message_write_negotiate_2(struct buffer *out, uint64_t nonce)
{
    buffer_u8(out, SESSION_MESSAGE);
    size_t length = buffer_reserve(out, 3);
    write_header_2(out);
    buffer_u16le(out, 36);
    buffer_u16le(out, DIALECTS);
    buffer_u16le(out, MODE_2_SIGNING);
    buffer_u16le(out, 0);
    buffer_u32le(out, CAPABILITY_ENCRYPTION);
    buffer_u64le(out, nonce); /* our identifier */
    buffer_u64le(out, nonce);
    buffer_u32le(out, HEADER_2 + 36 + 2 * DIALECTS + 2); /* where the contexts stand */
    buffer_u16le(out, 2);
    buffer_u16le(out, 0);
    for (size_t i = 0; i < DIALECTS; i++)
        buffer_u16le(out, dialects[i].revision);
    buffer_zeros(out, 2);
    write_contexts(out, nonce);
    buffer_length_be(out, length, 3, 0);
}

/* Seventeen words, then identifier and token when the security is the extended one. */
static enum smb_reply read_parameters_1(struct cursor *message, bool extended, struct smb_response *response)
{
    uint8_t words = cursor_u8(message);
    struct cursor parameters = cursor_block(message, 2u * words);
    uint16_t dialect = cursor_u16le(&parameters);
    if (cursor_good(&parameters) && dialect == NO_DIALECT)
        return SMB_REPLY_REFUSED;
    uint8_t mode = cursor_u8(&parameters);
    cursor_skip(&parameters, 2 + 2 + 4 + 4 + 4 + 4); /* limits, session key, capabilities */
    response->system_time = cursor_u64le(&parameters);
    struct cursor data = cursor_block(message, cursor_u16le(message));
    if (extended) {
        response->guid = cursor_span(&data, 16);
        response->token = cursor_span(&data, cursor_left(&data));
    }
    response->dialect = "1.0";
    response->share_level = !(mode & MODE_1_USER);
    response->plaintext = !(mode & MODE_1_CHALLENGE);
    response->signing_enabled = (mode & MODE_1_SIGNING) != 0;
    response->signing_required = (mode & MODE_1_SIGNING_MUST) != 0;
    return cursor_good(&parameters) && dialect == 0 ? SMB_REPLY_ACCEPTED : SMB_REPLY_STRANGE;
}

enum smb_reply smb_message_read_1(struct cursor message, uint64_t nonce, struct smb_response *response_out)
{
    *response_out = (struct smb_response){0};
    bool magic = cursor_match(&message, "\xffSMB\x72", 5);
    uint32_t status = cursor_u32le(&message);
    uint8_t flags = cursor_u8(&message);
    uint16_t flags2 = cursor_u16le(&message);
    cursor_skip(&message, 2 + 8 + 2 + 2);
    uint16_t process = cursor_u16le(&message);
    cursor_skip(&message, 2);
    uint16_t multiplex = cursor_u16le(&message);
    if (!magic || !cursor_good(&message) || !(flags & FLAG_REPLY_1) || process != (uint16_t)nonce ||
        multiplex != (uint16_t)(nonce >> 16))
        return SMB_REPLY_STRANGE;
    bool extended = (flags2 & FLAGS2_EXTENDED_SECURITY) != 0;
    return status ? SMB_REPLY_REFUSED : read_parameters_1(&message, extended, response_out);
}

static const char *dialect_name(uint16_t revision)
{
    for (size_t i = 0; i < DIALECTS; i++)
        if (dialects[i].revision == revision)
            return dialects[i].name;
    return NULL;
}

/* Has 3.1.1 agreed on a cipher? `message` has failed when its contexts cannot be read. */
static bool cipher_agreed(struct cursor *message, size_t at, uint16_t count)
{
    cursor_skip(message, at);
    for (size_t i = 0; i < count && i < CONTEXTS_MAX; i++) {
        uint16_t type = cursor_u16le(message);
        uint16_t size = cursor_u16le(message);
        cursor_skip(message, 4);
        struct cursor data = cursor_block(message, size);
        if (type == CONTEXT_ENCRYPTION)
            return cursor_u16le(&data) == 1 && cursor_u16le(&data) != 0;
        size_t gap = (8 - size % 8u) % 8;
        cursor_skip(message, gap < cursor_left(message) ? gap : cursor_left(message));
    }
    return false;
}

/* Offsets count from the header's first byte. */
static bool read_body_2(struct cursor message, struct smb_response *response)
{
    struct cursor token = message, contexts = message;
    cursor_skip(&message, HEADER_2);
    uint16_t size = cursor_u16le(&message);
    uint16_t mode = cursor_u16le(&message);
    uint16_t dialect = cursor_u16le(&message);
    uint16_t contexts_count = cursor_u16le(&message);
    response->guid = cursor_span(&message, 16);
    uint32_t capabilities = cursor_u32le(&message);
    cursor_skip(&message, 4 + 4 + 4); /* largest transaction, read, write */
    response->system_time = cursor_u64le(&message);
    response->boot_time = cursor_u64le(&message);
    cursor_skip(&token, cursor_u16le(&message));
    response->token = cursor_span(&token, cursor_u16le(&message));
    uint32_t contexts_at = cursor_u32le(&message);
    response->dialect = dialect_name(dialect);
    response->signing_enabled = (mode & MODE_2_SIGNING) != 0;
    response->signing_required = (mode & MODE_2_SIGNING_MUST) != 0;
    response->encryption = dialect >= 0x0300 && (capabilities & CAPABILITY_ENCRYPTION);
    if (dialect == 0x0311)
        response->encryption = cipher_agreed(&contexts, contexts_at, contexts_count);
    response->encryption_unreadable = !cursor_good(&contexts);
    return cursor_good(&message) && size == 65 && response->dialect;
}

enum smb_reply smb_message_read_2(struct cursor message, struct smb_response *response_out)
{
    *response_out = (struct smb_response){0};
    struct cursor header = message;
    bool magic = cursor_match(&header, "\xfeSMB", 4);
    uint16_t size = cursor_u16le(&header);
    cursor_skip(&header, 2);
    uint32_t status = cursor_u32le(&header);
    uint16_t command = cursor_u16le(&header);
    cursor_skip(&header, 2);
    uint32_t flags = cursor_u32le(&header);
    if (!magic || !cursor_good(&header) || size != HEADER_2 || command != NEGOTIATE_2 ||
        !(flags & FLAG_REPLY_2))
        return SMB_REPLY_STRANGE;
    if (status != 0)
        return SMB_REPLY_REFUSED;
    return read_body_2(message, response_out) ? SMB_REPLY_ACCEPTED : SMB_REPLY_STRANGE;
}
