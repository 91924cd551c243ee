#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "scanner/packet.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static enum packet_answer answer_of(int datalink, const uint8_t *bytes, size_t size, struct wire_reply *reply)
{
    struct packet packet;
    /* Of exactly the frame's size, so that a sanitizer sees every byte too many. */
    uint8_t *copy = malloc(size + !size);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    memset(reply, 0, sizeof *reply);
    packet_read(datalink, (struct span){copy, size}, &packet);
    enum packet_answer answer = packet_answer(&packet, &frame_key, reply);
    free(copy);
    return answer;
}

static void assert_genuine(int datalink, const struct frame *frame, const struct pair *pair,
                           enum wire_answer answer, unsigned attempt)
{
    struct wire_reply reply;
    assert_int_equal(answer_of(datalink, frame->bytes, frame->size, &reply), PACKET_GENUINE);
    assert_int_equal(reply.answer, answer);
    assert_int_equal(reply.attempt, attempt);
    assert_int_equal(reply.port, pair->other_port);
    assert_int_equal(address_compare(reply.address, pair->other), 0);
}

/* Nothing is told of a frame that was cut, and nothing but this is told of it however it was padded. */
static void assert_cuts(int datalink, const struct frame *frame)
{
    struct wire_reply reply;
    for (size_t size = 0; size < frame->size; size++)
        assert_int_equal(answer_of(datalink, frame->bytes, size, &reply), PACKET_NO_ANSWER);
}

static const int datalinks[] = {DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL, DLT_LINUX_SLL2};

static void answers_are_known_on_every_link(void **state)
{
    (void)state;
    for (size_t link = 0; link < COUNT(datalinks); link++)
        for (int ipv6 = 0; ipv6 < 2; ipv6++)
            for (int tags = 0; tags < (datalinks[link] == DLT_EN10MB ? 3 : 1); tags++) {
                struct frame frame;
                struct wire_reply reply;
                struct pair pair = pair_of(ipv6, 443, 4);
                frame_tcp(&frame, &pair, datalinks[link], tags, 0x12, pair.sequence + 1, 5);
                assert_genuine(datalinks[link], &frame, &pair, WIRE_OPEN, 4);
                assert_cuts(datalinks[link], &frame);
                (void)answer_of(datalinks[link], frame.bytes, frame.size, &reply);
                assert_int_equal(reply.window, 4321);
                assert_false(reply.options);
                frame_tcp(&frame, &pair, datalinks[link], tags, 0x12, pair.sequence + 1, 7);
                (void)answer_of(datalinks[link], frame.bytes, frame.size, &reply);
                assert_true(reply.options);
                frame_tcp(&frame, &pair, datalinks[link], tags, 0x14, pair.sequence + 1, 5);
                assert_genuine(datalinks[link], &frame, &pair, WIRE_CLOSED, 4);
                frame.size += 6; /* an Ethernet pads short frames */
                assert_genuine(datalinks[link], &frame, &pair, WIRE_CLOSED, 4);
            }
}

static void what_is_forged_is_foreign(void **state)
{
    (void)state;
    struct frame frame;
    struct wire_reply reply;
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        struct pair pair = pair_of(ipv6, 22, 1);
        static const struct {
            uint8_t flags;
            uint32_t beside;
            enum packet_answer right;
        } cases[] = {{0x12, 0, PACKET_FOREIGN}, {0x12, 2, PACKET_FOREIGN},   {0x14, 0, PACKET_FOREIGN},
                     {0x04, 1, PACKET_FOREIGN}, {0x02, 1, PACKET_NO_ANSWER}, {0x10, 1, PACKET_NO_ANSWER},
                     {0x12, 1, PACKET_GENUINE}};
        for (size_t i = 0; i < COUNT(cases); i++) {
            frame_tcp(&frame, &pair, DLT_RAW, 0, cases[i].flags, pair.sequence + cases[i].beside, 5);
            assert_int_equal(answer_of(DLT_RAW, frame.bytes, frame.size, &reply), cases[i].right);
        }
        struct pair other = pair;
        other.other = address_next(pair.other);
        frame_tcp(&frame, &other, DLT_RAW, 0, 0x12, pair.sequence + 1, 5);
        assert_int_equal(answer_of(DLT_RAW, frame.bytes, frame.size, &reply), PACKET_FOREIGN);
        other = pair;
        other.other_port++;
        frame_tcp(&frame, &other, DLT_RAW, 0, 0x12, pair.sequence + 1, 5);
        assert_int_equal(answer_of(DLT_RAW, frame.bytes, frame.size, &reply), PACKET_FOREIGN);
        other = pair;
        other.own_port = (uint16_t)(pair.own_port ^ COOKIE_GROUP_PORTS);
        frame_tcp(&frame, &other, DLT_RAW, 0, 0x12, pair.sequence + 1, 5);
        assert_int_equal(answer_of(DLT_RAW, frame.bytes, frame.size, &reply), PACKET_FOREIGN);
    }
}

static void errors_quote_the_syn(void **state)
{
    (void)state;
    struct frame frame;
    struct wire_reply reply;
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        struct pair pair = pair_of(ipv6, 3389, 10);
        for (size_t quoted = 8; quoted <= 12; quoted += 4) {
            frame_icmp(&frame, &pair, ipv6 ? 1 : 3, 1, quoted);
            assert_genuine(DLT_EN10MB, &frame, &pair, WIRE_UNREACHABLE, 10);
        }
        frame_icmp(&frame, &pair, ipv6 ? 1 : 3, 1, 8);
        assert_cuts(DLT_EN10MB, &frame);
        frame_icmp(&frame, &pair, ipv6 ? 1 : 3, 1, 7);
        assert_int_equal(answer_of(DLT_EN10MB, frame.bytes, frame.size, &reply), PACKET_NO_ANSWER);
        frame_icmp(&frame, &pair, ipv6 ? 3 : 11, 0, 8);
        assert_genuine(DLT_EN10MB, &frame, &pair, WIRE_UNREACHABLE, 10);
        frame_icmp(&frame, &pair, ipv6 ? 2 : 5, 0, 8);
        assert_int_equal(answer_of(DLT_EN10MB, frame.bytes, frame.size, &reply), PACKET_NO_ANSWER);
        struct pair other = pair;
        other.sequence++;
        frame_icmp(&frame, &other, ipv6 ? 1 : 3, 1, 8);
        assert_int_equal(answer_of(DLT_EN10MB, frame.bytes, frame.size, &reply), PACKET_FOREIGN);
    }
    struct pair pair = pair_of(false, 3389, 1);
    frame_icmp(&frame, &pair, 3, 4, 8); /* too big: not an end of the way */
    assert_int_equal(answer_of(DLT_EN10MB, frame.bytes, frame.size, &reply), PACKET_NO_ANSWER);
}

static void fragments_and_wrong_headers_are_nothing(void **state)
{
    (void)state;
    struct frame frame;
    struct wire_reply reply;
    struct pair pair = pair_of(false, 22, 1);
    static const struct {
        size_t at;
        uint8_t value;
    } spoiled[] = {{0, 0x35}, {0, 0x44}, {0, 0x46},     {0, 0x4f}, {3, 19},
                   {3, 39},   {7, 1},    {6, 0x20 | 1}, {9, 17},   {32, 0x40}};
    for (size_t i = 0; i < COUNT(spoiled); i++) {
        frame_tcp(&frame, &pair, DLT_RAW, 0, 0x12, pair.sequence + 1, 5);
        frame.bytes[spoiled[i].at] = spoiled[i].value;
        assert_int_not_equal(answer_of(DLT_RAW, frame.bytes, frame.size, &reply), PACKET_GENUINE);
    }
    frame_tcp(&frame, &pair, DLT_RAW, 0, 0x12, pair.sequence + 1, 5);
    assert_int_equal(answer_of(DLT_NULL, frame.bytes, frame.size, &reply), PACKET_NO_ANSWER);
}

static void extension_headers_are_passed_over(void **state)
{
    (void)state;
    struct pair pair = pair_of(true, 22, 1);
    struct wire_reply reply;
    static const uint8_t chain[] = {60, 0, 1, 4, 0, 0, 0, 0,                         /* hop by hop */
                                    44, 1, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* destination options */
                                    6,  0, 0, 1, 0, 0, 0, 9}; /* the first of some fragments */
    struct frame frame = {.size = 0};
    frame_add_ip(&frame, pair.other, pair.own, 0, sizeof chain + 20);
    frame_add(&frame, chain, sizeof chain);
    frame_add_tcp(&frame, pair.other_port, pair.own_port, pair.sequence + 1, 0x12, 5);
    assert_genuine(DLT_RAW, &frame, &pair, WIRE_OPEN, 1);
    assert_cuts(DLT_RAW, &frame);
    frame.bytes[40 + 24 + 3] = 0x09; /* not the first */
    assert_int_equal(answer_of(DLT_RAW, frame.bytes, frame.size, &reply), PACKET_NO_ANSWER);
    frame.size = 0;
    frame_add_ip(&frame, pair.other, pair.own, 0, 20 + 9 * 8);
    for (int i = 0; i < 9; i++)
        frame_add(&frame, (uint8_t[]){i < 8 ? 0 : 6, 0, 1, 4, 0, 0, 0, 0}, 8);
    frame_add_tcp(&frame, pair.other_port, pair.own_port, pair.sequence + 1, 0x12, 5);
    assert_int_equal(answer_of(DLT_RAW, frame.bytes, frame.size, &reply), PACKET_NO_ANSWER);
}

static void assert_neighbour(const struct frame *frame, const char *own, const char *text)
{
    struct packet packet;
    struct address address, asker;
    assert_true(address_parse(text, strlen(text), &address));
    assert_true(address_parse(own, strlen(own), &asker));
    static const uint8_t hardware[6] = {2, 1, 2, 3, 4, 5};
    packet_read(DLT_EN10MB, (struct span){frame->bytes, frame->size}, &packet);
    assert_int_equal(packet.kind, PACKET_NEIGHBOUR);
    assert_memory_equal(packet.hardware, hardware, 6);
    assert_int_equal(address_compare(packet.other, address), 0);
    assert_int_equal(address_compare(packet.own, asker), 0);
    for (size_t size = 0; size < frame->size; size++) {
        uint8_t *copy = malloc(size + !size);
        assert_non_null(copy);
        memcpy(copy, frame->bytes, size);
        packet_read(DLT_EN10MB, (struct span){copy, size}, &packet);
        assert_int_equal(packet.kind, PACKET_OTHER);
        free(copy);
    }
}

static void assert_no_neighbour(const struct frame *frame)
{
    struct packet packet;
    packet_read(DLT_EN10MB, (struct span){frame->bytes, frame->size}, &packet);
    assert_int_equal(packet.kind, PACKET_OTHER);
}

/* An ARP reply to 192.0.2.1, behind a tag where there is one. */
static void make_reply(struct frame *frame, const uint8_t *tag)
{
    static const uint8_t none[12] = {0};
    static const uint8_t reply[] = {8, 6,   0, 1, 8, 0, 6, 4, 0, 2, 2, 1,   2, 3, 4,
                                    5, 192, 0, 2, 9, 2, 0, 0, 0, 0, 7, 192, 0, 2, 1};
    frame->size = 0;
    frame_add(frame, none, sizeof none);
    if (tag)
        frame_add(frame, tag, 4);
    frame_add(frame, reply, sizeof reply);
}

static void arp_replies_are_told(void **state)
{
    (void)state;
    struct frame frame;
    make_reply(&frame, NULL);
    assert_neighbour(&frame, "192.0.2.1", "192.0.2.9");
    frame.bytes[21] = 1; /* a request */
    assert_no_neighbour(&frame);
    make_reply(&frame, NULL);
    frame.bytes[18] = 255; /* of hardware addresses of 255 bytes */
    assert_no_neighbour(&frame);
    /* A priority alone is of our network, a number is of another one. */
    make_reply(&frame, (const uint8_t[]){0x81, 0, 0xe0, 0});
    assert_neighbour(&frame, "192.0.2.1", "192.0.2.9");
    make_reply(&frame, (const uint8_t[]){0x81, 0, 0, 7});
    assert_no_neighbour(&frame);
}

static void make_advertisement(struct frame *frame, int tags)
{
    struct pair pair = pair_of(true, 1, 1);
    frame->size = 0;
    frame_add_link(frame, DLT_EN10MB, true, tags);
    frame_add_ip(frame, pair.other, pair.own, 58, 32);
    frame_add_u32(frame, 136u << 24);
    frame_add_u32(frame, 0x60000000);
    frame_add_address(frame, pair.other);
    frame_add(frame, (uint8_t[]){2, 1, 2, 1, 2, 3, 4, 5}, 8);
}

static void advertisements_are_told(void **state)
{
    (void)state;
    struct frame frame;
    struct pair pair = pair_of(true, 1, 1);
    char own[ADDRESS_TEXT_MAX];
    address_format(pair.own, own);
    make_advertisement(&frame, 0);
    assert_neighbour(&frame, own, "2001:db8::7");
    frame.bytes[frame.size - 7] = 0; /* an option without length */
    assert_no_neighbour(&frame);
    make_advertisement(&frame, 0);
    frame.bytes[frame.size - 7] = 255; /* and one that is longer than the packet */
    assert_no_neighbour(&frame);
    make_advertisement(&frame, 0);
    frame.bytes[frame.size - 28] = 0x20; /* nobody asked for it */
    assert_no_neighbour(&frame);
    make_advertisement(&frame, 0);
    frame.bytes[frame.size - 31] = 1; /* a code that there is not */
    assert_no_neighbour(&frame);
    make_advertisement(&frame, 1); /* in another network */
    assert_no_neighbour(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_known_on_every_link),
        cmocka_unit_test(what_is_forged_is_foreign),
        cmocka_unit_test(errors_quote_the_syn),
        cmocka_unit_test(fragments_and_wrong_headers_are_nothing),
        cmocka_unit_test(extension_headers_are_passed_over),
        cmocka_unit_test(arp_replies_are_told),
        cmocka_unit_test(advertisements_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
