#include <string.h>

#include "probes/endpoint.h"
#include "probes/probe.h"
#include "probes/product.h"
#include "probes/tls.h"
#include "probes/x509.h"

#define PROBE(name) extern const struct probe probe_##name;
#include "probes/probes.def"
#undef PROBE

#define PROBE(name) &probe_##name,
const struct probe *const probes[] = {
#include "probes/probes.def"
    NULL,
};
#undef PROBE

const struct fact *const shared_facts[] = {endpoint_facts, product_facts, tls_facts, x509_facts, NULL};

const struct probe *probe_named(const char *name)
{
    for (size_t i = 0; probes[i]; i++)
        if (strcmp(probes[i]->name, name) == 0)
            return probes[i];
    return NULL;
}

static bool lists(const uint16_t *ports, uint16_t port)
{
    for (size_t i = 0; ports && ports[i]; i++)
        if (ports[i] == port)
            return true;
    return false;
}

const struct probe *probe_for_port(uint16_t port, bool *tls_out)
{
    for (size_t i = 0; probes[i]; i++) {
        *tls_out = lists(probes[i]->tls_ports, port);
        if (*tls_out || lists(probes[i]->ports, port))
            return probes[i];
    }
    *tls_out = false;
    return NULL;
}

static const struct fact *in_table(const struct fact *facts, const char *name)
{
    for (; facts && facts->name; facts++)
        if (strcmp(facts->name, name) == 0)
            return facts;
    return NULL;
}

const struct fact *fact_named(const char *name)
{
    const struct fact *fact = NULL;
    for (size_t i = 0; probes[i] && !fact; i++)
        fact = in_table(probes[i]->facts, name);
    for (size_t i = 0; shared_facts[i] && !fact; i++)
        fact = in_table(shared_facts[i], name);
    return fact;
}
