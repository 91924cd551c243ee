#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "nation.h"
#include "scoring/timestamp.h"

/* write_records [FINDINGS [ORGANIZATIONS [SEED]]]: the findings of bench_index as JSON Lines, as any other
   program might write them. */

static void write_record(const struct finding *finding)
{
    char address[ADDRESS_TEXT_MAX], time[TIMESTAMP_TEXT_MAX];
    address_format(finding->address, address);
    timestamp_format_ms(finding->time_ms, time);
    printf("{\"type\":\"finding\",\"org\":\"%s\",\"item\":\"%s\",\"ip\":\"%s\",\"port\":%u,\"transport\":"
           "\"tcp\",",
           finding->organization, finding->item, address, finding->port.number);
    if (finding->key)
        printf("\"key\":\"%s\",", finding->key);
    if (finding->asset)
        printf("\"asset\":%d,", finding->asset);
    printf("\"confidence\":%d,\"why\":\"%s\",\"time\":\"%s\"}\n", finding->confidence, finding->why, time);
}

int main(int argc, char **argv)
{
    struct catalogue catalogue;
    struct complaints complaints;
    struct nation nation;
    struct nation_findings findings = {.items = NULL};
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    size_t organizations = argc > 2 ? strtoull(argv[2], NULL, 10) : (size_t)(count * 36 / 100000) + 1;
    complaints_init(&complaints, NULL);
    if (catalogue_load(&catalogue, NULL, 0, &complaints) != STATUS_OK)
        return 1;
    nation_init(&nation, &catalogue, argc > 3 ? strtoull(argv[3], NULL, 10) : 4, organizations, count);
    bool good = true;
    for (size_t i = 0; i < organizations && good; i++) {
        good = nation_make(&nation, i, &findings);
        for (size_t j = 0; j < findings.count && good; j++)
            write_record(&findings.items[j]);
    }
    free(findings.items);
    catalogue_deinit(&catalogue);
    complaints_deinit(&complaints);
    return good && fflush(stdout) == 0 ? 0 : 1;
}
