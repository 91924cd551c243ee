#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/smb_message.h"

static enum smb_frame frame(const char *bytes, size_t size, size_t *payload_out)
{
    struct cursor in = cursor_over(bytes, size), payload = {0};
    enum smb_frame kind = smb_message_frame(&in, &payload);
    *payload_out = cursor_left(&payload);
    return kind;
}

static void test_frames(void **state)
{
    (void)state;
    size_t size = 0;
    assert_int_equal(frame("\x00\x00\x00\x02xy", 6, &size), SMB_FRAME_MESSAGE);
    assert_int_equal(size, 2);
    assert_int_equal(frame("\x00\x00\x00\x02x", 5, &size), SMB_FRAME_WAIT);
    assert_int_equal(frame("", 0, &size), SMB_FRAME_WAIT);
    assert_int_equal(frame("\x82\x00\x00\x00", 4, &size), SMB_FRAME_SESSION);
    assert_int_equal(frame("\x82\x00\x00\x01x", 5, &size), SMB_FRAME_STRANGE);
    assert_int_equal(frame("\x83\x00\x00\x01\x82", 5, &size), SMB_FRAME_SESSION_REFUSED);
    assert_int_equal(frame("\x83\x00\x00\x01\x01", 5, &size), SMB_FRAME_STRANGE);
    assert_int_equal(frame("\x84\x00\x00\x06\x7f\x00\x00\x01\x00\x8b", 10, &size), SMB_FRAME_STRANGE);
    assert_int_equal(frame("\x85\x00\x00\x00", 4, &size), SMB_FRAME_KEEP_ALIVE);
    assert_int_equal(frame("SSH-", 4, &size), SMB_FRAME_STRANGE);
    assert_int_equal(frame("\x00\xff\xff\xff", 4, &size), SMB_FRAME_STRANGE);
}

/* The letters of RFC 1001 §14.1: "*SMBSERVER" of kind 0x20 and our own name of kind 0. */
static void test_session_request(void **state)
{
    (void)state;
    uint8_t storage[128];
    struct buffer out = buffer_over(storage, sizeof storage);
    smb_message_write_session_request(&out);
    assert_false(out.overflow);
    assert_int_equal(out.size, 4 + 34 + 34);
    assert_memory_equal(storage, "\x81\x00\x00\x44\x20", 5);
    assert_memory_equal(storage + 5, "CKFDENECFDEFFCFGEFFCCACACACACACA\0", 33);
    assert_memory_equal(storage + 39, "EBFFFDEDFFEMFECACACACACACACACAAA\0", 33);
}

static void test_requests_are_no_replies(void **state)
{
    (void)state;
    uint8_t storage[256];
    struct buffer out = buffer_over(storage, sizeof storage);
    struct smb_response response;
    smb_message_write_negotiate_1(&out, 42);
    assert_int_equal(smb_message_read_1(cursor_over_block(storage + 4, out.size - 4), 42, &response),
                     SMB_REPLY_STRANGE);
    out.size = 0;
    smb_message_write_negotiate_2(&out, 42);
    assert_false(out.overflow);
    assert_int_equal(storage[3], out.size - 4);
    assert_int_equal(smb_message_read_2(cursor_over_block(storage + 4, out.size - 4), &response),
                     SMB_REPLY_STRANGE);
}

/* A token that is said to stand beyond the message is none, and the rest holds. */
static void test_token_beyond(void **state)
{
    (void)state;
    uint8_t storage[256];
    struct buffer out = buffer_over(storage, sizeof storage);
    buffer_text(&out, "\xfeSMB");
    buffer_u16le(&out, 64);
    buffer_zeros(&out, 10);
    buffer_u32le(&out, 1);
    buffer_zeros(&out, 44);
    buffer_u16le(&out, 65);
    buffer_u16le(&out, 3);
    buffer_u16le(&out, 0x0210);
    buffer_zeros(&out, 2 + 16 + 4 + 12 + 16);
    buffer_u16le(&out, 0xfff0);
    buffer_u16le(&out, 0xffff);
    buffer_u32le(&out, 0);
    struct smb_response response;
    assert_int_equal(smb_message_read_2(cursor_over_block(storage, out.size), &response), SMB_REPLY_ACCEPTED);
    assert_string_equal(response.dialect, "2.1");
    assert_true(response.signing_required);
    assert_int_equal(response.token.size, 0);
    for (size_t cut = 0; cut < out.size; cut++)
        assert_int_equal(smb_message_read_2(cursor_over_block(storage, cut), &response), SMB_REPLY_STRANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_session_request),
        cmocka_unit_test(test_requests_are_no_replies),
        cmocka_unit_test(test_token_beyond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
