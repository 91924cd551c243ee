#include "fuzz.h"
#include "probes/x509.h"

/* A certificate as a server might send it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct observation observation;
    observation_init(&observation, (struct address){0}, (struct port){443, TRANSPORT_TCP});
    x509_observe(&observation, (struct span){data, size});
    observation_deinit(&observation);
    return 0;
}
