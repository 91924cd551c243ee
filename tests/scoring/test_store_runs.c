#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"

/* Imports beside scans. */

static struct store_run sample_import(void)
{
    struct store_run run = {.kind = RUN_IMPORT,
                            .format = strdup("nmap"),
                            .file = strdup("lab.xml"),
                            .file_hash = "ab",
                            .from_ms = 1000,
                            .until_ms = 2000,
                            .complete = true};
    return run;
}

static void keep_import(void *context, const struct store_run *run)
{
    struct store_run *kept = context;
    if (kept->number)
        return;
    kept->number = run->number;
    kept->from_ms = run->from_ms;
    kept->until_ms = run->until_ms;
    kept->format = strdup(run->format);
    kept->file = strdup(run->file);
    strcpy(kept->file_hash, run->file_hash);
}

static void test_imports(void **state)
{
    struct store_run scan;
    struct store *store = place_begin(*state, &scan);
    struct store_run import = sample_import(), newest = {0};
    assert_good(store, store_commit(store));
    assert_good(store, store_begin(store, &import));
    assert_good(store, store_rollback(store));
    assert_good(store, store_each_import(store, keep_import, &newest));
    assert_int_equal(newest.number, 0);
    assert_good(store, store_begin(store, &import));
    assert_true(import.number > scan.number);
    strcpy(import.file_hash, "abcd");
    import.until_ms = 3000;
    assert_good(store, store_update_run(store, &import));
    assert_good(store, store_each_import(store, keep_import, &newest));
    assert_true(newest.number == import.number && newest.from_ms == 1000 && newest.until_ms == 3000);
    assert_string_equal(newest.format, "nmap");
    assert_string_equal(newest.file, "lab.xml");
    assert_string_equal(newest.file_hash, "abcd");
    struct store_run found;
    assert_good(store, store_find_run(store, NULL, false, &found)); /* an import is no scan */
    assert_string_equal(found.id, scan.id);
    store_run_deinit(&found);
    assert_int_equal(store_find_run(store, import.id, false, &found), STATUS_MISMATCH);
    store_run_deinit(&newest);
    store_run_deinit(&import);
    store_run_deinit(&scan);
    store_close(&store);
}

static void keep_covered(void *context, const struct store_covered *covered)
{
    char *text = context;
    sprintf(text + strlen(text), "%s %d-%d %s;", covered->item, (int)covered->from_ms, (int)covered->until_ms,
            covered->judged  ? "judged"
            : covered->whole ? "whole"
                             : "said");
}

static void test_covered(void **state)
{
    struct store *store = place_open(*state, true);
    struct store_run import = sample_import();
    char text[256] = "";
    assert_good(store, store_begin(store, &import));
    struct store_covered covered = {
        .item = "N1-1", .from_ms = 5, .until_ms = 9, .whole = true, .judged = true};
    assert_good(store, store_covers(store, &import, "h1", &covered));
    covered = (struct store_covered){.item = "N1-1", .from_ms = 7, .until_ms = 11};
    assert_good(store, store_covers(store, &import, "h1", &covered));
    assert_good(store, store_covers(store, &import, "h2", &covered));
    struct finding found = {
        .organization = (char[]){"h1"}, .item = (char[]){"N1-2"}, .exposure = 1, .count = 1};
    assert_good(store, store_finding(store, &import, &found));
    found.time_ms = 1500;
    assert_good(store, store_finding(store, &import, &found));
    found.item = (char[]){"N1-1"};
    assert_good(store, store_finding(store, &import, &found));
    assert_good(store, store_cover_findings(store, &import));
    assert_good(store, store_each_covered(store, "h1", keep_covered, text));
    assert_string_equal(text, "N1-1 5-11 whole;N1-2 1000-2000 said;");
    store_run_deinit(&import);
    store_close(&store);
}

struct told {
    char text[512];
};

static void tell_run(void *context, const struct store_run *run)
{
    struct told *told = context;
    size_t used = strlen(told->text);
    snprintf(told->text + used, sizeof told->text - used, "%lld%s ", (long long)run->number,
             run->complete ? "" : "?");
}

static void tell_spot(void *context, const struct finding *finding)
{
    struct told *told = context;
    char address[ADDRESS_TEXT_MAX] = "-";
    size_t used = strlen(told->text);
    if (finding->has_address)
        address_format(finding->address, address);
    snprintf(told->text + used, sizeof told->text - used, "%s/%s/%s:%u/%s ", finding->organization,
             finding->item, address, finding->port.number, finding->key ? finding->key : "-");
}

static void tell_assessed(void *context, const char *organization, const char *item)
{
    struct told *told = context;
    size_t used = strlen(told->text);
    snprintf(told->text + used, sizeof told->text - used, "%s/%s ", organization, item);
}

static void add_spot(struct store *store, const struct store_run *run, const char *organization,
                     const char *item, const char *key, uint16_t port)
{
    struct finding finding = {.organization = strdup(organization),
                              .item = strdup(item),
                              .key = key ? strdup(key) : NULL,
                              .has_address = !key,
                              .address = address_from_ipv4(0xc0000201),
                              .port = {port, TRANSPORT_TCP},
                              .count = 1};
    assert_good(store, store_finding(store, run, &finding));
    finding_deinit(&finding);
}

/* Scans the newest first, without the imports; places of findings and what was assessed in their order. */
static void test_each(void **state)
{
    struct store_run scan, import = sample_import(), other = sample_run();
    struct store *store = place_begin(*state, &scan);
    struct told told = {""};
    assert_good(store, store_begin(store, &import));
    assert_good(store, store_begin(store, &other));
    other.complete = true;
    assert_good(store, store_update_run(store, &other));
    assert_good(store, store_each_run(store, tell_run, &told));
    assert_string_equal(told.text, "3 1? ");
    add_spot(store, &other, "h2", "A", NULL, 22);
    add_spot(store, &other, "h1", "B", HOSTILE, 0);
    add_spot(store, &other, "h1", "A", NULL, 443);
    add_spot(store, &other, "h1", "A", NULL, 80);
    told.text[0] = 0;
    assert_good(store, store_each_spot(store, &other, tell_spot, &told));
    assert_string_equal(told.text,
                        "h1/A/192.0.2.1:80/- h1/A/192.0.2.1:443/- h1/B/-:0/" HOSTILE " h2/A/192.0.2.1:22/- ");
    assert_good(store, store_assessed(store, &other, "h2", "A"));
    assert_good(store, store_assessed(store, &other, "h1", "B"));
    assert_good(store, store_assessed(store, &scan, "h1", "C"));
    told.text[0] = 0;
    assert_good(store, store_each_assessed_of_all(store, &other, tell_assessed, &told));
    assert_string_equal(told.text, "h1/B h2/A ");
    store_run_deinit(&scan);
    store_run_deinit(&import);
    store_run_deinit(&other);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_imports),
        PLACE_TEST(test_covered),
        PLACE_TEST(test_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
