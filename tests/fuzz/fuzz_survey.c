#include "feeding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_feed("survey", NULL, data, size);
    return 0;
}
