#include "scoring/end_of_life.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/data.h"
#include "targets/calendar.h"

#define BUILT_IN       "end-of-life"
#define DAYS_OF_A_YEAR 365
#define MS_OF_A_DAY    INT64_C(86400000)

/* A member that is a day; 0 where it is missing or null. */
static bool read_day(const cJSON *object, const char *name, int *day_out)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);
    *day_out = 0;
    return !value || cJSON_IsNull(value) ||
           (cJSON_IsString(value) && calendar_parse(value->valuestring, day_out));
}

static bool read_name(const cJSON *object, const char *name, char *text, size_t capacity)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return value && value[0] && snprintf(text, capacity, "%s", value) < (int)capacity;
}

static bool read_cycle(const cJSON *object, struct end_of_life_cycle *cycle)
{
    return read_name(object, "cycle", cycle->cycle, sizeof cycle->cycle) &&
           cJSON_HasObjectItem(object, "end") && read_day(object, "end", &cycle->end_day) &&
           read_day(object, "extended", &cycle->extended_day) &&
           read_day(object, "packaged", &cycle->packaged_day);
}

static enum status read_product(const cJSON *object, struct end_of_life_product *product)
{
    const cJSON *cycles = cJSON_GetObjectItemCaseSensitive(object, "cycles"), *cycle = NULL;
    if (!read_name(object, "product", product->product, sizeof product->product) || !cJSON_IsArray(cycles))
        return STATUS_WRONG_FILE;
    product->cycles = calloc((size_t)cJSON_GetArraySize(cycles) + 1, sizeof *product->cycles);
    if (!product->cycles)
        return STATUS_NO_MEMORY;
    cJSON_ArrayForEach(cycle, cycles)
    {
        if (!read_cycle(cycle, &product->cycles[product->cycles_count]))
            return STATUS_WRONG_FILE;
        product->cycles_count++;
    }
    return STATUS_OK;
}

static enum status read_table(const cJSON *root, struct end_of_life *table)
{
    const cJSON *products = cJSON_GetObjectItemCaseSensitive(root, "products"), *product = NULL;
    if (!cJSON_HasObjectItem(root, "auscult_end_of_life") || !read_day(root, "date", &table->day) ||
        table->day == 0 || !cJSON_IsArray(products))
        return STATUS_WRONG_FILE;
    table->products = calloc((size_t)cJSON_GetArraySize(products) + 1, sizeof *table->products);
    if (!table->products)
        return STATUS_NO_MEMORY;
    cJSON_ArrayForEach(product, products)
    {
        enum status status = read_product(product, &table->products[table->products_count++]);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status end_of_life_read(const char *text, struct end_of_life *table_out)
{
    *table_out = (struct end_of_life){0};
    const struct data_file *built_in = data_find(BUILT_IN);
    if (!text && built_in)
        text = built_in->text;
    cJSON *root = text ? cJSON_Parse(text) : NULL;
    enum status status = root ? read_table(root, table_out) : STATUS_WRONG_FILE;
    cJSON_Delete(root);
    if (status != STATUS_OK)
        end_of_life_deinit(table_out);
    return status;
}

void end_of_life_deinit(struct end_of_life *table)
{
    for (size_t i = 0; i < table->products_count; i++)
        free(table->products[i].cycles);
    free(table->products);
    *table = (struct end_of_life){0};
}

/* Is the version of the cycle? "5.7" and "5.7.44" are of 5.7, "5.70" is not; "1.3.5e" is of 1.3.5. */
static bool is_of(const char *version, const char *cycle)
{
    size_t length = strlen(cycle);
    return strncmp(version, cycle, length) == 0 && !(version[length] >= '0' && version[length] <= '9');
}

static const struct end_of_life_cycle *find_cycle(const struct end_of_life *table, const char *product,
                                                  const char *version)
{
    const struct end_of_life_cycle *longest = NULL;
    for (size_t i = 0; i < table->products_count; i++) {
        const struct end_of_life_product *known = &table->products[i];
        for (size_t j = 0; strcmp(known->product, product) == 0 && j < known->cycles_count; j++)
            if (is_of(version, known->cycles[j].cycle) &&
                (!longest || strlen(known->cycles[j].cycle) > strlen(longest->cycle)))
                longest = &known->cycles[j];
    }
    return longest;
}

static bool is_marked(const struct observation *observation)
{
    const struct fact_value *mark = observation_find(observation, "software.distribution");
    return mark && !mark->undetermined;
}

/* Past its end: does anybody else mend it? */
static const char *still_mended(const struct end_of_life_cycle *cycle, const struct observation *observation,
                                int64_t today)
{
    if (is_marked(observation))
        return "its maker has stopped, but it is maintained by the distribution";
    if (cycle->extended_day && today <= calendar_number(cycle->extended_day))
        return "its maker still mends it for money";
    if (cycle->packaged_day && today <= calendar_number(cycle->packaged_day))
        return "its maker has stopped, but it may be maintained by a distribution";
    return NULL;
}

enum verdict end_of_life_judge(const struct end_of_life *table, const struct observation *observation,
                               const char **why_out, int *day_out)
{
    const struct end_of_life_cycle *cycle = find_cycle(table, observation->product, observation->version);
    int64_t today = observation->time_ms / MS_OF_A_DAY;
    *day_out = cycle ? cycle->end_day : 0;
    *why_out = observation->time_ms == 0 ? "when it was seen is not known"
               : !cycle                  ? "the table has no end of life for it"
                                         : NULL;
    if (*why_out)
        return VERDICT_UNDETERMINED;
    if (cycle->end_day == 0 && today > calendar_number(table->day) + DAYS_OF_A_YEAR)
        *why_out = "it was maintained when the table was made, more than a year before";
    if (cycle->end_day == 0 || today <= calendar_number(cycle->end_day))
        return *why_out ? VERDICT_UNDETERMINED : VERDICT_NO;
    *why_out = still_mended(cycle, observation, today);
    return *why_out ? VERDICT_UNDETERMINED : VERDICT_YES;
}
