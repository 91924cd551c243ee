#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/evidence.h"
#include "scanner/wire.h"

#define SECOND INT64_C(1000000000)

static const uint8_t ethernet[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x08, 0x00, 0x45, 99};
static const uint8_t bare4[] = {0x45, 1, 2}, bare6[] = {0x60, 1, 2, 3};
static const uint8_t cooked[] = {0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0x45, 7};

static void add_all(const char *path, int64_t from_ns)
{
    char why[WIRE_WHY_MAX];
    struct evidence *evidence;
    assert_int_equal(evidence_new(path, &evidence, why), STATUS_OK);
    evidence_add(evidence, from_ns, DLT_EN10MB, (struct span){ethernet, sizeof ethernet});
    evidence_add(evidence, from_ns + 1, DLT_RAW, (struct span){bare4, sizeof bare4});
    evidence_add(evidence, from_ns + 2, DLT_RAW, (struct span){bare6, sizeof bare6});
    evidence_add(evidence, from_ns + 3, DLT_LINUX_SLL, (struct span){cooked, sizeof cooked});
    evidence_add(evidence, from_ns + 4, DLT_LINUX_SLL, (struct span){cooked, 16}); /* nothing behind it */
    assert_int_equal(evidence_flush(evidence), STATUS_OK);
    evidence_free(&evidence);
    assert_null(evidence);
}

static void assert_next(pcap_t *file, int64_t time_ns, const uint8_t *tail, size_t size, bool whole)
{
    struct pcap_pkthdr *header;
    const u_char *bytes;
    assert_int_equal(pcap_next_ex(file, &header, &bytes), 1);
    assert_true(header->ts.tv_sec * SECOND + header->ts.tv_usec == time_ns);
    assert_int_equal(header->caplen, size + (whole ? 0 : 14));
    assert_memory_equal(bytes + (whole ? 0 : 14), tail, size);
    if (!whole)
        assert_int_equal(bytes[12] << 8 | bytes[13], tail[0] >> 4 == 6 ? 0x86dd : 0x0800);
}

static void what_was_added_is_read_again_and_a_second_run_adds(void **state)
{
    (void)state;
    char path[] = "/tmp/auscult-evidence-XXXXXX", why[PCAP_ERRBUF_SIZE];
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    add_all(path, 1800000000 * SECOND + 999999990);
    add_all(path, 1900000000 * SECOND);
    pcap_t *file = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
    assert_non_null(file);
    assert_int_equal(pcap_datalink(file), DLT_EN10MB);
    for (int run = 0; run < 2; run++) {
        int64_t from_ns = run ? 1900000000 * SECOND : 1800000000 * SECOND + 999999990;
        assert_next(file, from_ns, ethernet, sizeof ethernet, true);
        assert_next(file, from_ns + 1, bare4, sizeof bare4, false);
        assert_next(file, from_ns + 2, bare6, sizeof bare6, false);
        assert_next(file, from_ns + 3, cooked + 16, sizeof cooked - 16, false);
    }
    struct pcap_pkthdr *header;
    const u_char *bytes;
    assert_int_equal(pcap_next_ex(file, &header, &bytes), PCAP_ERROR_BREAK);
    pcap_close(file);
    unlink(path);
}

static void what_can_not_be_written_is_told(void **state)
{
    (void)state;
    char why[WIRE_WHY_MAX];
    struct evidence *evidence;
    assert_int_equal(evidence_new("/nowhere/at/all", &evidence, why), STATUS_SYSTEM);
    assert_null(evidence);
    assert_non_null(strstr(why, "/nowhere/at/all"));
    assert_int_equal(evidence_new("/dev/full", &evidence, why), STATUS_OK);
    evidence_add(evidence, 1, DLT_EN10MB, (struct span){ethernet, sizeof ethernet});
    assert_int_equal(evidence_flush(evidence), STATUS_SYSTEM);
    assert_int_equal(evidence_flush(evidence), STATUS_SYSTEM);
    evidence_free(&evidence);
}

/* A file that is no capture is not written over. */
static void another_file_is_left_alone(void **state)
{
    (void)state;
    char path[] = "/tmp/auscult-evidence-XXXXXX", why[WIRE_WHY_MAX], kept[8] = "";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0 && write(descriptor, "a letter", 8) == 8);
    struct evidence *evidence;
    assert_int_equal(evidence_new(path, &evidence, why), STATUS_SYSTEM);
    assert_true(pread(descriptor, kept, 8, 0) == 8 && memcmp(kept, "a letter", 8) == 0);
    close(descriptor);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_read_again_and_a_second_run_adds),
        cmocka_unit_test(what_can_not_be_written_is_told),
        cmocka_unit_test(another_file_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
