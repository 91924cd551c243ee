#include "probes/endpoint.h"

#include <string.h>

#include "probes/tls.h"

enum { CONNECTIONS, SILENT, UNIDENTIFIED, NAME };

const struct fact endpoint_facts[] = {
    [CONNECTIONS] = {"endpoint.connections", FACT_INTEGER, "connections that the port got from us",
                     "对该端口建立的连接数"},
    [SILENT] = {"endpoint.silent", FACT_BOOL, "the port accepts connections and never said a byte",
                "端口接受连接但从未返回任何字节"},
    [UNIDENTIFIED] = {"endpoint.unidentified", FACT_TEXT, "why its service is not known",
                      "未能识别服务的原因"},
    [NAME] = {ENDPOINT_NAME, FACT_TEXT, "name of the scope that its address is asked by (SNI, Host)",
              "访问该地址时使用的域名（SNI、Host）"},
    {0},
};

void endpoint_observe(struct observation *observation, unsigned connections, bool silent)
{
    observation_integer(observation, &endpoint_facts[CONNECTIONS], connections);
    observation_bool(observation, &endpoint_facts[SILENT], silent);
}

void endpoint_observe_unidentified(struct observation *observation, const char *why)
{
    observation_words(observation, &endpoint_facts[UNIDENTIFIED], why);
}

void endpoint_observe_name(struct observation *observation, const char *name)
{
    observation_text(observation, &endpoint_facts[NAME], (struct span){(const uint8_t *)name, strlen(name)});
}

bool endpoint_proven(const struct observation *observation)
{
    const struct fact_value *silent = observation_find(observation, endpoint_facts[SILENT].name);
    if (!silent || silent->undetermined || silent->number)
        return false;
    return strcmp(observation->service, "unknown") != 0 || observation->tls ||
           tls_observed_refusal(observation);
}
