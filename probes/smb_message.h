#ifndef PROBES_SMB_MESSAGE_H
#define PROBES_SMB_MESSAGE_H

#include "probes/buffer.h"
#include "probes/cursor.h"

/* The messages of SMB's dialect negotiation (MS-SMB2 2.2.3 and 2.2.4, MS-CIFS 2.2.4.52, MS-SMB 2.2.4.5.2) and
   the frames around them (RFC 1002 §4.3; direct TCP uses the first kind only). What they say about a server
   is smb.c's. */

enum smb_frame {
    SMB_FRAME_WAIT,
    SMB_FRAME_STRANGE,
    SMB_FRAME_MESSAGE,
    SMB_FRAME_SESSION, /* a NetBIOS session stands */
    SMB_FRAME_SESSION_REFUSED,
    SMB_FRAME_KEEP_ALIVE,
};
/* Takes one frame off `in`, its payload as a block of its own. */
enum smb_frame smb_message_frame(struct cursor *in, struct cursor *payload_out);
/* Asks for a NetBIOS session with the name that every SMB server answers to. */
void smb_message_write_session_request(struct buffer *out);

/* Offers "NT LM 0.12" and nothing else. */
void smb_message_write_negotiate_1(struct buffer *out, uint64_t nonce);
/* Offers 2.0.2 to 3.1.1 and encryption. */
void smb_message_write_negotiate_2(struct buffer *out, uint64_t nonce);

enum smb_reply {
    SMB_REPLY_STRANGE,
    SMB_REPLY_REFUSED,
    SMB_REPLY_ACCEPTED,
};
struct smb_response {
    const char *dialect; /* "3.1.1", "1.0" */
    bool signing_enabled;
    bool signing_required;
    bool encryption;
    bool encryption_unreadable;
    bool share_level;
    bool plaintext;
    struct span guid;                /* 16 bytes, or none */
    struct span token;               /* what the server says of its ways to authenticate (SPNEGO) */
    uint64_t system_time, boot_time; /* 100 ns since 1601; 0: not told */
};
/* Each reads one message; a reply to version 1 must carry the ids that were sent with the same nonce. */
enum smb_reply smb_message_read_1(struct cursor message, uint64_t nonce, struct smb_response *response_out);
enum smb_reply smb_message_read_2(struct cursor message, struct smb_response *response_out);

#endif
