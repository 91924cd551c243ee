#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "scanner/commands/listing.h"
#include "targets/utf8.h"

#define NAME_MAX_SIZE 128

static const char *const names[LISTING_PARTS] = {
    [LISTING_ID] = "id",
    [LISTING_NAME] = "name",
    [LISTING_PROVINCE] = "province",
    [LISTING_LEVEL] = "level",
    [LISTING_INFORMATIZATION] = "informatization",
    [LISTING_RANGES] = "ranges",
    [LISTING_FRAGILE] = "fragile",
    [LISTING_DOMAINS] = "domains",
};

/* What people call them, as `fold` writes it; the first of each that is needed is shown where it is missing. */
static const char *const known[LISTING_PARTS][20] = {
    [LISTING_ID] = {"id", "编号", "机构编号", "单位编号", "医院编号", "代码", "机构代码", "医院代码",
                    "单位代码", "组织机构代码", "统一社会信用代码", "code", "organizationid", "orgid",
                    "hospitalid"},
    [LISTING_NAME] = {"name", "机构名称", "单位名称", "医院名称", "名称", "机构", "单位", "医院", "医疗机构",
                      "医疗机构名称", "organization", "organisation", "hospital", "institution",
                      "organizationname", "organisationname", "hospitalname"},
    [LISTING_PROVINCE] = {"province", "省份", "省", "所在省", "所在省份", "省市", "省区市", "所属省",
                          "所属省份", "region"},
    [LISTING_LEVEL] = {"level", "级别", "等级", "医院等级", "医院级别", "机构等级", "机构级别", "grade",
                       "tier", "class"},
    [LISTING_INFORMATIZATION] = {"informatization", "信息化水平", "信息化等级", "信息化评级", "信息化"},
    [LISTING_RANGES] = {"ranges", "地址段", "ip地址段", "ip段", "网段", "ip地址", "ip", "ip范围", "地址范围",
                        "公网ip", "公网地址", "互联网ip", "range", "ipranges", "iprange", "ips", "addresses",
                        "networks", "cidr"},
    [LISTING_FRAGILE] = {"fragile", "脆弱地址", "脆弱地址段", "敏感地址", "敏感地址段", "谨慎地址",
                         "fragileranges"},
    [LISTING_DOMAINS] = {"domains", "域名", "网站域名", "网站", "主域名", "domain", "domainname",
                         "domainnames", "website", "websites"},
};

const char *listing_part_name(enum listing_part part)
{
    return names[part];
}

enum listing_part listing_part_named(const char *name, size_t size)
{
    int part = 0;
    while (part < LISTING_PARTS && (strlen(names[part]) != size || memcmp(names[part], name, size) != 0))
        part++;
    return (enum listing_part)part;
}

/* Letters small, and without what people put in between or behind: "IP 地址段（公网）" is "ip地址段". */
static void fold(const char *text, char folded[NAME_MAX_SIZE])
{
    size_t size = strlen(text), used = 0;
    uint32_t code;
    for (size_t at = 0, length; at < size && used < NAME_MAX_SIZE - 5; at += length) {
        length = utf8_decode(text + at, size - at, &code);
        if (length == 0 || code == '(' || code == 0xff08)
            break;
        if (strchr(" _-/.:*", (int)(code < 0x80 ? code : 'x')) || code == 0x3000 || code == 0xff1a)
            continue;
        for (size_t i = 0; i < length; i++, used++)
            folded[used] =
                (char)(text[at + i] >= 'A' && text[at + i] <= 'Z' ? text[at + i] + 32 : text[at + i]);
    }
    folded[used] = 0;
}

static enum listing_part part_of(const char *column, const struct listing_options *options)
{
    char folded[NAME_MAX_SIZE];
    for (int i = 0; i < LISTING_PARTS; i++)
        if (options->columns[i] && strcasecmp(options->columns[i], column) == 0)
            return (enum listing_part)i;
    fold(column, folded);
    for (int i = 0; i < LISTING_PARTS; i++)
        for (const char *const *name = known[i]; !options->columns[i] && *name; name++)
            if (strcmp(folded, *name) == 0)
                return (enum listing_part)i;
    return LISTING_PARTS;
}

static bool is_list(enum listing_part part)
{
    return part == LISTING_RANGES || part == LISTING_FRAGILE || part == LISTING_DOMAINS;
}

static bool is_needed(const struct listing_options *options, enum listing_part part)
{
    return part == LISTING_NAME || part == LISTING_RANGES || options->columns[part];
}

static bool complain_missing(struct csv_reader *header, const struct listing_options *options,
                             enum listing_part part)
{
    const char *const *name = known[part];
    enum status status =
        options->columns[part]
            ? csv_reader_complain(header, 0, "no column is called \"%s\", as --map %s=… says",
                                  quoted(options->columns[part]).text, names[part])
            : csv_reader_complain(header, 0,
                                  "no column is called %s, %s, %s or the like; --map %s=COLUMN names it",
                                  name[0], name[1], name[2], names[part]);
    return status == STATUS_OK;
}

bool listing_columns_find(struct listing_columns *columns, struct csv_reader *header,
                          const struct listing_options *options)
{
    bool good = true;
    *columns = (struct listing_columns){.present = {false}};
    for (size_t i = 0; i < header->count; i++) {
        enum listing_part part = part_of(header->texts[i], options);
        columns->parts[i] = part;
        if (part == LISTING_PARTS)
            continue;
        if (columns->present[part] && !is_list(part))
            good =
                csv_reader_complain(header, i, "a second column for the %s; --map %s=COLUMN says which it is",
                                    names[part], names[part]) == STATUS_OK;
        columns->present[part] = true;
    }
    for (int i = 0; i < LISTING_PARTS; i++)
        if (!columns->present[i] && is_needed(options, (enum listing_part)i))
            good = complain_missing(header, options, (enum listing_part)i);
    return good;
}
