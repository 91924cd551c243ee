#include "feeding.h"

/* A table with every column that a map can name. */
static const char map[] =
    "{ \"auscult_map\": \"csv\", \"time_offset\": \"+08:00\", \"columns\": { \"org\": \"o\", \"ip\": \"a\", "
    "\"port\": \"p\", \"domain\": \"d\", \"item\": \"i\", \"key\": \"k\", \"confidence\": \"c\", \"time\": "
    "\"t\", "
    "\"count\": \"n\", \"why\": \"w\" }, \"items\": { \"x\": \"N4-4\", \"y\": null }, \"unlisted\": "
    "\"skip\", "
    "\"confidences\": { \"高\": 5 }, \"covers\": { \"items\": [\"N4-4\"], \"organizations\": \"all\", "
    "\"days\": 7 } }";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_feed("csv", map, data, size);
    return 0;
}
