#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "targets/ports.h"

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* What a list says, written out and read again, is the same ports. */
static void check_round_trip(const struct ports *ports)
{
    struct ports back;
    const char *why;
    size_t at;
    char *text = ports_format(ports);
    require(text != NULL);
    ports_init(&back);
    require(ports_parse(&back, text, &why, &at) == STATUS_OK);
    require(back.count == ports->count);
    for (size_t i = 0; i < ports->count; i++) {
        require(back.items[i].number == ports->items[i].number && ports->items[i].number != 0);
        require(ports_contain(ports, back.items[i].number, back.items[i].transport));
    }
    ports_deinit(&back);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ports ports;
    const char *why = NULL;
    size_t at = 0;
    char *list = malloc(size + 1);
    if (!list)
        return 0;
    if (size)
        memcpy(list, data, size);
    list[size] = 0;
    ports_init(&ports);
    if (ports_parse(&ports, list, &why, &at) == STATUS_OK)
        check_round_trip(&ports);
    else
        require(why != NULL && at <= strlen(list) && ports.count == 0);
    ports_deinit(&ports);
    free(list);
    return 0;
}
