#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/commands/listing.h"
#include "targets/scope.h"

static const struct draft_authorization authorization = {
    .values = {[DRAFT_REFERENCE] = {"r"},
               [DRAFT_BY] = {"b"},
               [DRAFT_CONTACT] = {"c"},
               [DRAFT_FROM] = {"2026-01-01"},
               [DRAFT_UNTIL] = {"2026-12-31"}},
    .counts = {1, 1, 1, 1, 1},
};
static const struct listing_options plain = {.delimiter = 0};

static void print_ranges(FILE *out, const struct ranges *ranges)
{
    for (size_t i = 0; i < ranges->count; i++) {
        char first[ADDRESS_TEXT_MAX], last[ADDRESS_TEXT_MAX];
        address_format(ranges->items[i].first, first);
        address_format(ranges->items[i].last, last);
        fprintf(out, " %s-%s", first, last);
    }
}

/* "id|name|province|level|ranges|domains" a line of what a scope reader reads in what was made of the list; or the
   complaints. */
static char *read_list(const char *text, size_t size, const struct listing_options *options)
{
    struct listing listing;
    struct draft draft = {.failed = false};
    struct complaints complaints;
    struct scope scope;
    char *said = NULL;
    size_t said_size = 0;
    complaints_init(&complaints, "t");
    enum status status = listing_read(&listing, text, size, options, &complaints);
    if (status == STATUS_OK)
        status = draft_write(&draft, &authorization, listing.organizations, listing.count);
    if (status == STATUS_OK)
        status = draft_check(&draft, &complaints);
    assert_int_equal(status == STATUS_WRONG_FILE, complaints.count > 0);
    if (status != STATUS_OK) {
        said = complaints_format(&complaints);
    } else {
        assert_int_equal(scope_parse(&scope, draft.text, draft.size, &complaints), STATUS_OK);
        FILE *out = open_memstream(&said, &said_size);
        for (size_t i = 0; i < scope.organizations_count; i++) {
            const struct organization *one = &scope.organizations[i];
            const char *province = organization_tag(one, "province"), *level = organization_tag(one, "level");
            fprintf(out, "%s|%s|%s|%s|", one->id, one->name, province ? province : "", level ? level : "");
            print_ranges(out, &one->ranges);
            fputc('|', out);
            for (size_t j = 0; j < one->domains_count; j++)
                fprintf(out, " %s", one->domains[j]);
            fputc('\n', out);
        }
        fclose(out);
        scope_deinit(&scope);
    }
    draft_deinit(&draft);
    listing_deinit(&listing);
    complaints_deinit(&complaints);
    return said;
}

static void assert_list(const char *text, const struct listing_options *options, const char *expected)
{
    char *said = read_list(text, strlen(text), options);
    assert_string_equal(said, expected);
    free(said);
}

static void columns_have_many_names(void **state)
{
    (void)state;
    const char *expected = "h1|One|P|3A| 192.0.2.0-192.0.2.255| a.cn\n";
    assert_list("id,name,province,level,ranges,domains\nh1,One,P,3A,192.0.2.0/24,a.cn\n", &plain, expected);
    assert_list("域名,IP地址段（公网）,医院等级,所在省份,单位名称,机构编号\na.cn,192.0.2.0/24,3A,P,One,h1\n",
                &plain, expected);
    assert_list("Domain Names,CIDR,Level,Region,Hospital Name,Hospital ID,what else\n"
                "a.cn,192.0.2.0/24,3A,P,One,h1,x\n",
                &plain, expected);
    assert_list("\xef\xbb\xbf编号;机构名称;省;级别;网段;网站\r\nh1;One;P;3A;192.0.2.0/24;a.cn\r\n", &plain,
                expected);
    assert_list("id\tname\tprovince\tlevel\tip\tdomain\nh1\tOne\tP\t3A\t192.0.2.0/24\ta.cn", &plain,
                expected);
    struct listing_options mapped = plain;
    mapped.columns[LISTING_RANGES] = "公网出口";
    mapped.columns[LISTING_NAME] = "全称";
    assert_list("id,name,全称,province,level,公网出口,domains,ranges\n"
                "h1,short,One,P,3A,192.0.2.0/24,a.cn,10.0.0.0/8\n",
                &mapped, expected);
}

static void a_cell_holds_many(void **state)
{
    (void)state;
    assert_list(
        "id,name,ranges,domains\n"
        "h1,One,\"192.0.2.0/30;192.0.2.8 192.0.2.16、192.0.2.32，192.0.2.64；192.0.2.80\n"
        "192.0.2.96\r\n192.0.2.112|192.0.2.128,2001:db8::/126\",\"a.cn、b.cn c.cn;医院.中国\"\n",
        &plain,
        "h1|One||| 192.0.2.0-192.0.2.3 192.0.2.8-192.0.2.8 192.0.2.16-192.0.2.16 192.0.2.32-192.0.2.32"
        " 192.0.2.64-192.0.2.64 192.0.2.80-192.0.2.80 192.0.2.96-192.0.2.96 192.0.2.112-192.0.2.112"
        " 192.0.2.128-192.0.2.128 2001:db8::-2001:db8::3| a.cn b.cn c.cn xn--ekrs67m.xn--fiqs8s\n");
    /* The strokes between two ends, and the short form of the second. */
    assert_list("id,name,ranges,domains\n"
                "h1,One,192.0.2.1-192.0.2.2 192.0.2.4 - 192.0.2.5 192.0.2.7~9 192.0.2.11 至 192.0.2.12 "
                "192.0.2.14—16 192.0.2.18～19,a-b.cn\n",
                &plain,
                "h1|One||| 192.0.2.1-192.0.2.2 192.0.2.4-192.0.2.5 192.0.2.7-192.0.2.9 192.0.2.11-192.0.2.12"
                " 192.0.2.14-192.0.2.16 192.0.2.18-192.0.2.19| a-b.cn\n");
}

/* Far longer than what the table's reader shows of a cell. */
static void long_cells_are_whole(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    fputs("id,name,ranges\nh1,One,\"", out);
    for (int i = 0; i < 3000; i++)
        fprintf(out, "10.%d.%d.7\n", i / 250, i % 250);
    fputs("\"\n", out);
    fclose(out);
    char *said = read_list(text, size, &plain);
    size_t ranges = 0;
    for (const char *at = said; (at = strstr(at, " 10.")); at++)
        ranges++;
    assert_int_equal(ranges, 3000);
    assert_non_null(strstr(said, " 10.11.249.7-10.11.249.7|"));
    free(said);
    free(text);
}

static void lines_of_one_organization_are_joined(void **state)
{
    (void)state;
    assert_list(
        "id,name,province,ranges,domains\nh2,Two,Q,192.0.3.0/24,\nh1,One,,192.0.2.0,a.cn\n,,,,\n"
        "h2,,,192.0.4.0/24,b.cn\nh1,One,P,192.0.2.2,\n",
        &plain,
        "h2|Two|Q|| 192.0.3.0-192.0.4.255| b.cn\nh1|One|P|| 192.0.2.0-192.0.2.0 192.0.2.2-192.0.2.2| a.cn\n");
    struct listing_options down = plain;
    down.fill_down = true;
    assert_list("name,id,ranges\nOne,h1,192.0.2.0\n,,192.0.2.1\nTwo,h2,192.0.3.0\n,,192.0.3.1\n", &down,
                "h1|One||| 192.0.2.0-192.0.2.1|\nh2|Two||| 192.0.3.0-192.0.3.1|\n");
    assert_list(
        "name,id,ranges\nOne,h1,192.0.2.0\n,,192.0.2.1\n", &plain,
        "t:3:1: the line has no id; write it, or say --fill-down where an empty cell means the one above\n");
}

/* Sorted otherwise and with others between, a name keeps its id. */
static void made_ids_are_stable(void **state)
{
    (void)state;
    assert_list("name,ranges\nOne,192.0.2.0\n三,192.0.3.0\nOne,192.0.2.1\n", &plain,
                "o8b12507783|One||| 192.0.2.0-192.0.2.1|\noa4c3313deb|三||| 192.0.3.0-192.0.3.0|\n");
    assert_list("ranges,x,name\n192.0.3.0,,三\n192.0.9.0,,Other\n192.0.2.1,,One\n192.0.2.0,,One\n", &plain,
                "oa4c3313deb|三||| 192.0.3.0-192.0.3.0|\nof97e9da0e3|Other||| 192.0.9.0-192.0.9.0|\n"
                "o8b12507783|One||| 192.0.2.0-192.0.2.1|\n");
}

/* The same list in GB18030: what a table program in Chinese saves. Short names that would pass for UTF-8 one by one are read
   as the file as a whole is. */
static void gb18030_is_read_as_a_whole(void **state)
{
    (void)state;
    static const char utf8[] =
        "编号,机构名称,省份,级别,网段,域名\nh1,模,模,三级甲等,192.0.2.0、192.0.2.2,a.cn\n"
        "h2,䶮㐀医院,贵州,二级,192.0.3.0,医院.中国\n";
    char gb[512], *from = (char *)(uintptr_t)utf8, *to = gb;
    size_t left = sizeof utf8 - 1, room = sizeof gb;
    iconv_t converter = iconv_open("GB18030", "UTF-8");
    assert_int_equal(iconv(converter, &from, &left, &to, &room), 0);
    iconv_close(converter);
    char *said = read_list(gb, sizeof gb - room, &plain),
         *expected = read_list(utf8, sizeof utf8 - 1, &plain);
    assert_string_equal(said, expected);
    assert_non_null(strstr(said, "h1|模|模|三级甲等| 192.0.2.0-192.0.2.0 192.0.2.2-192.0.2.2| a.cn\n"));
    free(said);
    free(expected);
}

static const struct mistake {
    const char *text, *said;
} mistakes[] = {
    {"", "t: the file is empty"},
    {"id,ranges\nh1,192.0.2.0\n", "t:1:1: no column is called name, 机构名称"},
    {"name,ranges,机构名称\n", "t:1:13: a second column for the name"},
    {"name,ranges\nOne,192.0.2.1/24\n", "t:2:5: \"192.0.2.1/24\" is not an address range: bits are set"},
    {"name,ranges\nOne,\"192.0.2.0\n\n192.0.3.\"\nTwo,x\n", "t:5:5: \"x\" is not an address range"},
    {"name,ranges\nOne,192.0.2.0\nTwo,192.0.0.0/16\n", "t:3:5: \"192.0.0.0/16\" of "},
    {"name,ranges\nOne,224.0.0.1\n", "t:2:5: \"224.0.0.1\" holds 224.0.0.1, which is multicast"},
    {"name,ranges\nOne,9.0.0.0-30.0.0.0\n", "t:2:5: \"9.0.0.0-30.0.0.0\" is wider"},
    {"name,ranges,domains\nOne,192.0.2.0,a.cn\nTwo,192.0.3.0,\"b.cn x.a.cn\"\n", "t:3:15: \"x.a.cn\" of "},
    {"id,name,level,ranges\nh1,One,3A,192.0.2.0\nh1,One,2B,192.0.2.1\n",
     "t:3:8: \"2B\" is another level than \"3A\""},
    {"name,ranges\nOne,\nTwo,192.0.2.0\n", "t:2:1: \"ranges\" is empty"},
    {"name,ranges\n\"On\ne\",192.0.2.0\n", "t:2:1: \"On\\x0ae\" holds line ends"},
    {"name,ranges,informatization\nOne,192.0.2.0,high\n", "t:2:15: \"informatization\" must be a number"},
    {"name,ranges\nOne\nTwo,1.1.1.1,\nThree,x\n", "t:2:1: 1 fields; the header has 2\nt:3:1: 3 fields"},
    {"name,ranges\nOne,\"192.0.2.0\n", "t:2:5: the quote that opens in line 2 is never closed"},
    {"name,ranges\nOne\xff,192.0.2.0\n", "t:2:4: the file is neither UTF-8 nor GB18030"},
};

static void every_mistake_is_said_where_it_stands(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        char *said = read_list(mistakes[i].text, strlen(mistakes[i].text), &plain);
        if (!strstr(said, mistakes[i].said))
            fail_msg("%s\nwants\n%s\nand gets\n%s", mistakes[i].text, mistakes[i].said, said);
        free(said);
    }
}

static void a_line_too_long_ends(void **state)
{
    (void)state;
    size_t size = (2u << 20) + 16;
    char *text = malloc(size);
    memset(text, 'x', size);
    memcpy(text, "name,ranges\n", 12);
    char *said = read_list(text, size, &plain);
    assert_non_null(strstr(said, "t:2:1: longer than"));
    free(said);
    free(text);
}

/* A list of a country: 20 000 organizations, backwards. */
static void a_country_is_read(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0, lines = 0;
    FILE *out = open_memstream(&text, &size);
    fputs("机构名称,网段\n", out);
    for (int i = 20000; i > 0; i--)
        fprintf(out, "第%d医院,10.%d.%d.0/28\n", i, i / 250, i % 250);
    fclose(out);
    char *said = read_list(text, size, &plain);
    for (const char *at = said; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 20000);
    free(said);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_have_many_names),
        cmocka_unit_test(a_cell_holds_many),
        cmocka_unit_test(long_cells_are_whole),
        cmocka_unit_test(lines_of_one_organization_are_joined),
        cmocka_unit_test(made_ids_are_stable),
        cmocka_unit_test(gb18030_is_read_as_a_whole),
        cmocka_unit_test(every_mistake_is_said_where_it_stands),
        cmocka_unit_test(a_line_too_long_ends),
        cmocka_unit_test(a_country_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
