#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "scoring/catalogue.h"
#include "scoring/data.h"

static void load(struct catalogue *catalogue, const char *name)
{
    struct complaints complaints;
    complaints_init(&complaints, "");
    if (catalogue_load(catalogue, &name, name ? 1 : 0, &complaints) != STATUS_OK) {
        char *text = complaints_format(&complaints);
        print_error("%s\n", text ? text : "");
        free(text);
        fail();
    }
    complaints_deinit(&complaints);
}

static void test_files(void **state)
{
    (void)state;
    assert_non_null(data_find(CATALOGUE_DEFAULT));
    assert_non_null(data_find(CATALOGUE_EXTENSION));
    assert_null(data_find("nothing"));
    for (const struct data_file *file = data_files; file->name; file++)
        assert_int_equal(strlen(file->text), file->size);
}

/* The report has 5 domains, 43 dimensions and 106 problems (seed.txt §5.1), model.md §4 counts those that a
   scan can say something of. */
static void test_count(void **state)
{
    (void)state;
    struct catalogue catalogue;
    load(&catalogue, CATALOGUE_DEFAULT);
    assert_string_equal(catalogue.name, CATALOGUE_DEFAULT);
    assert_int_equal(catalogue.domains_count, 5);
    assert_int_equal(catalogue.dimensions_count, 43);
    assert_int_equal(catalogue.items_count, 106);
    static const size_t dimensions_of[] = {7, 14, 11, 6, 5};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(catalogue_dimensions_of(&catalogue, i), dimensions_of[i]);
    size_t scanned = 0;
    for (size_t d = 0; d < 43; d++) {
        size_t items = 0;
        bool scan = false;
        for (size_t i = 0; i < 106; i++) {
            items += catalogue.items[i].dimension == d;
            scan = scan || (catalogue.items[i].dimension == d && catalogue.items[i].source == SOURCE_SCAN);
        }
        assert_true(items > 0);
        scanned += scan;
        assert_true(catalogue.dimensions[d].weight == 1);
    }
    assert_int_equal(scanned, 43 - 19);
    catalogue_deinit(&catalogue);
}

static bool says(const struct words *words, size_t least)
{
    return words->zh && words->en && strlen(words->zh) >= least && strlen(words->en) >= least;
}

static void check_item(const struct item *item)
{
    bool determined = item->when != NULL;
    bool waits = says(&item->waits, 4);
    bool whole = says(&item->name, 3) && says(&item->fix, 24) && item->references && item->references[0] &&
                 (determined || waits) && (!determined || item->ports.count > 0) &&
                 (item->alpha == 8 || item->alpha == 4) && item->threshold <= 10;
    if (!whole)
        fail_msg("%s is not whole", item->id);
}

static void test_items_are_whole(void **state)
{
    (void)state;
    struct catalogue catalogue;
    load(&catalogue, NULL);
    for (size_t i = 0; i < catalogue.items_count; i++) {
        check_item(&catalogue.items[i]);
        for (size_t j = 0; j < i; j++)
            if (strcmp(catalogue.items[i].fix.zh, catalogue.items[j].fix.zh) == 0 ||
                strcmp(catalogue.items[i].fix.en, catalogue.items[j].fix.en) == 0 ||
                strcmp(catalogue.items[i].name.en, catalogue.items[j].name.en) == 0)
                fail_msg("%s says what %s says", catalogue.items[i].id, catalogue.items[j].id);
    }
    catalogue_deinit(&catalogue);
}

/* An extension adds to the dimensions of the report; the 106 stay what they are. */
static void test_extension(void **state)
{
    (void)state;
    struct catalogue whole, plain;
    load(&whole, NULL);
    load(&plain, CATALOGUE_DEFAULT);
    assert_string_equal(whole.name, CATALOGUE_DEFAULT "+" CATALOGUE_EXTENSION);
    assert_int_equal(whole.dimensions_count, 43);
    assert_true(whole.items_count > 106);
    for (size_t i = 0; i < whole.items_count; i++) {
        bool added = catalogue_item(&plain, whole.items[i].id) == SIZE_MAX;
        assert_int_equal(whole.items[i].extension, added);
        assert_true(!added || (whole.items[i].source == SOURCE_SCAN && whole.items[i].when));
    }
    catalogue_deinit(&whole);
    catalogue_deinit(&plain);
}

/* What a scan asks by default: 47 ports, and two more that the authorization leaves out unless it is told
   otherwise (contract.md: printers print what they are sent). */
static void test_ports(void **state)
{
    (void)state;
    struct catalogue catalogue;
    struct ports ports;
    load(&catalogue, NULL);
    assert_int_equal(catalogue_ports(&catalogue, TRANSPORT_TCP, &ports), STATUS_OK);
    char *text = ports_format(&ports);
    assert_string_equal(text,
                        "21-23,25,80,104,110,135,139,143,389,443,445,465,515,587,636,993,995,1433,1521,"
                        "2121,2222,2575,2761-2762,3268,3306,3389-3390,4242,5432,5900-5901,5985-5986,6379,"
                        "7001,8000,8042,8080-8081,8443,9100,9200,11112,11211,27017,54321");
    assert_int_equal(ports.count, 47 + 2);
    assert_true(ports_contain(&ports, 515, TRANSPORT_TCP) && ports_contain(&ports, 9100, TRANSPORT_TCP));
    free(text);
    ports_deinit(&ports);
    catalogue_deinit(&catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),           cmocka_unit_test(test_count),
        cmocka_unit_test(test_items_are_whole), cmocka_unit_test(test_extension),
        cmocka_unit_test(test_ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
