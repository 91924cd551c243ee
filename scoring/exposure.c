#include "scoring/exposure.h"

#include <stdlib.h>

/* The ports are those that the built-in catalogue asks for, so that a scan without --ports knows them all. */
static const struct {
    const char *id, *zh, *en, *ports;
} own[] = {
    {"open-3306", "3306 MySQL", "3306 MySQL", "3306"},
    {"open-3389", "3389 远程桌面", "3389 RDP", "3389"},
    {"open-445", "445 SMB", "445 SMB", "445"},
    {"open-1433", "1433 SQL Server", "1433 SQL Server", "1433"},
    {"open-1521", "1521 Oracle", "1521 Oracle", "1521"},
    {"open-5432", "5432 PostgreSQL", "5432 PostgreSQL", "5432"},
    {"open-54321", "54321 人大金仓", "54321 Kingbase", "54321"},
    {"open-6379", "6379 Redis", "6379 Redis", "6379"},
    {"open-27017", "27017 MongoDB", "27017 MongoDB", "27017"},
    {"open-9200", "9200 Elastic", "9200 Elastic", "9200"},
    {"open-11211", "11211 memcached", "11211 memcached", "11211"},
    {"open-database", "任一数据库", "any database", "1433,1521,3306,5432,6379,9200,11211,27017,54321"},
    {"open-mail", "邮件", "mail", "25,110,143,465,587,993,995"},
    {"open-remote-login", "远程登录", "remote login", "22,23,2222,3389,3390,5900,5901,5985,5986"},
    {"open-medical", "医疗协议", "medical", "104,2575,2761,2762,4242,11112"},
};

#define OWN (sizeof own / sizeof own[0])

size_t exposures_find(const struct exposures *exposures, const struct ports *ports)
{
    for (size_t i = 0; i < exposures->count; i++)
        if (ports_equal(&exposures->items[i].ports, ports))
            return i;
    return SIZE_MAX;
}

static enum status add_own(struct exposures *exposures)
{
    const char *why;
    size_t at;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < OWN && status == STATUS_OK; i++) {
        struct exposure *exposure = &exposures->items[exposures->count++];
        exposure->id = own[i].id;
        exposure->names[LANGUAGE_ZH] = own[i].zh;
        exposure->names[LANGUAGE_EN] = own[i].en;
        status = ports_parse(&exposure->ports, own[i].ports, &why, &at);
    }
    return status;
}

enum status exposures_init(struct exposures *exposures, const struct baseline *baseline)
{
    size_t figures = baseline ? baseline->figures_count : 0;
    *exposures = (struct exposures){calloc(OWN + figures, sizeof *exposures->items), 0};
    if (!exposures->items)
        return STATUS_NO_MEMORY;
    enum status status = add_own(exposures);
    for (size_t i = 0; i < figures && status == STATUS_OK; i++) {
        const struct figure *figure = &baseline->figures[i];
        if (figure->ports.count == 0 || exposures_find(exposures, &figure->ports) != SIZE_MAX)
            continue;
        struct exposure *exposure = &exposures->items[exposures->count++];
        exposure->id = figure->id;
        exposure->names[LANGUAGE_ZH] = words_in(&figure->name, LANGUAGE_ZH);
        exposure->names[LANGUAGE_EN] = words_in(&figure->name, LANGUAGE_EN);
        status = ports_copy(&exposure->ports, &figure->ports);
    }
    if (status != STATUS_OK)
        exposures_deinit(exposures);
    return status;
}

void exposures_deinit(struct exposures *exposures)
{
    for (size_t i = 0; i < exposures->count; i++)
        ports_deinit(&exposures->items[i].ports);
    free(exposures->items);
    *exposures = (struct exposures){0};
}
