#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/dlt.h>
#include <string.h>

#include "scanner/packet.h"
#include "scanner/syn.h"
#include "targets/permutation.h"

static const struct syn_link link_of = {{2, 0, 0, 0, 0, 9}, {2, 0, 0, 0, 0, 7}};
static const struct siphash_key key = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};

static struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

/* RFC 1071 the plain way: big-endian words, carries around. */
static uint16_t plain_sum(const uint8_t *bytes, size_t size, uint32_t sum)
{
    for (size_t i = 0; i < size; i += 2)
        sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static void assert_sums(const uint8_t *frame, bool ipv6)
{
    const uint8_t *ip = frame + SYN_LINK_SIZE, *tcp = ip + (ipv6 ? 40 : 20);
    uint32_t pseudo = 6 + 40;
    pseudo += ipv6 ? plain_sum(ip + 8, 32, 0) : plain_sum(ip + 12, 8, 0);
    assert_int_equal(plain_sum(tcp, 40, pseudo), 0xffff);
    if (!ipv6)
        assert_int_equal(plain_sum(ip, 20, 0), 0xffff);
}

static void the_frame_is_that_of_linux(void **state)
{
    (void)state;
    struct syn_template syn;
    uint8_t frame[SYN_FRAME_MAX];
    static const uint8_t head[] = {2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 7, 8, 0, 0x45, 0, 0, 60};
    static const uint8_t options[] = {2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7};
    assert_int_equal(syn_template_init(&syn, &link_of, address_of("203.0.113.1"), 1500, 0x01020304),
                     STATUS_OK);
    assert_int_equal(syn.size, 74);
    syn_write(&syn, &key, address_of("192.0.2.5"), 443, 3, frame);
    assert_memory_equal(frame, head, sizeof head);
    const uint8_t *ip = frame + 14, *tcp = frame + 34;
    static const uint8_t flags_to_protocol[] = {0x40, 0, 64, 6};
    static const uint8_t addresses[] = {203, 0, 113, 1, 192, 0, 2, 5};
    assert_memory_equal(ip + 6, flags_to_protocol, 4);
    assert_memory_equal(ip + 12, addresses, 8);
    __u64 cookie = syn_cookie(&key, address_of("203.0.113.1"), address_of("192.0.2.5"), 443);
    assert_int_equal(tcp[0] << 8 | tcp[1], cookie_port(cookie, 3));
    assert_int_equal(tcp[2] << 8 | tcp[3], 443);
    assert_int_equal((uint32_t)tcp[4] << 24 | tcp[5] << 16 | tcp[6] << 8 | tcp[7], cookie_sequence(cookie));
    static const uint8_t rest[] = {0, 0, 0, 0, 0xa0, 2, 64240 >> 8, 64240 & 255};
    assert_memory_equal(tcp + 8, rest, sizeof rest);
    assert_memory_equal(tcp + 20, options, sizeof options);
    assert_sums(frame, false);
}

static void sums_are_right_whatever_the_target(void **state)
{
    (void)state;
    struct syn_template syn4, syn6;
    uint8_t frame[SYN_FRAME_MAX];
    uint64_t count = 0;
    assert_int_equal(syn_template_init(&syn4, &link_of, address_of("255.255.255.254"), 9000, 0xffffffff), 0);
    assert_int_equal(syn_template_init(&syn6, &link_of, address_of("2001:db8:ffff:ffff::1"), 1280, 0), 0);
    assert_int_equal(syn6.size, 94);
    for (int i = 0; i < 20000; i++) {
        uint64_t low = permutation_mix(++count), high = permutation_mix(++count);
        struct address target = address_from_ipv4((uint32_t)(i < 4 ? (uint64_t)-i : low));
        syn_write(&syn4, &key, target, (uint16_t)(low >> 40), 1, frame);
        assert_sums(frame, false);
        target = (struct address){high | UINT64_C(1) << 61, low};
        syn_write(&syn6, &key, target, (uint16_t)high, 10, frame);
        assert_sums(frame, true);
    }
}

/* What is written is read again as what it is, and its answer would be known. */
static void frames_are_read_again(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"203.0.113.1", "192.0.2.5"}, {"2001:db8:f::1", "2001:db8::5"}};
    for (size_t i = 0; i < 2; i++) {
        struct syn_template syn;
        struct packet packet;
        struct wire_reply reply;
        uint8_t frame[SYN_FRAME_MAX];
        static const uint8_t other[6] = {1, 2, 3, 4, 5, 6};
        assert_int_equal(syn_template_init(&syn, &link_of, address_of(pairs[i][0]), 1500, 1), STATUS_OK);
        syn_template_aim(&syn, other);
        syn_write(&syn, &key, address_of(pairs[i][1]), 8080, 2, frame);
        assert_memory_equal(frame, other, 6);
        packet_read(DLT_EN10MB, (struct span){frame, syn.size}, &packet);
        assert_int_equal(packet.kind, PACKET_SYN);
        assert_int_equal(address_compare(packet.own, address_of(pairs[i][0])), 0);
        assert_int_equal(address_compare(packet.other, address_of(pairs[i][1])), 0);
        assert_int_equal(packet.other_port, 8080);
        assert_int_equal(packet_answer(&packet, &key, &reply), PACKET_NO_ANSWER);
        packet.kind = PACKET_SYN_ACK;
        assert_int_equal(packet_answer(&packet, &key, &reply), PACKET_GENUINE);
        assert_int_equal(reply.attempt, 2);
        packet_read(DLT_RAW, (struct span){frame + SYN_LINK_SIZE, syn.size - SYN_LINK_SIZE}, &packet);
        assert_int_equal(packet.kind, PACKET_SYN);
    }
}

static void the_segment_size_follows_the_way(void **state)
{
    (void)state;
    static const struct {
        unsigned mtu;
        uint16_t v4, v6;
    } cases[] = {
        {1500, 1460, 1440}, {0, 536, 536}, {600, 560, 540}, {65536, 65495, 65475}, {9000, 8960, 8940}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct syn_template syn;
        assert_int_equal(syn_template_init(&syn, &link_of, address_of("192.0.2.1"), cases[i].mtu, 1), 0);
        assert_int_equal(syn.bytes[14 + 40 + 2] << 8 | syn.bytes[14 + 40 + 3], cases[i].v4);
        assert_int_equal(syn_template_init(&syn, &link_of, address_of("2001:db8::1"), cases[i].mtu, 1), 0);
        assert_int_equal(syn.bytes[14 + 60 + 2] << 8 | syn.bytes[14 + 60 + 3], cases[i].v6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frame_is_that_of_linux),
        cmocka_unit_test(sums_are_right_whatever_the_target),
        cmocka_unit_test(frames_are_read_again),
        cmocka_unit_test(the_segment_size_follows_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
