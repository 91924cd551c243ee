#include "probes/probe.h"

/* Ports of raw printing (AppSocket) and of LPD (RFC 1179). A printer prints whatever it is sent, so nothing
   is: the port is open, and that is all there is to know (probes.md §2.13). */

enum { OPEN };

static const struct fact facts[] = {
    [OPEN] = {"printer.open", FACT_BOOL, "a port that takes print jobs is open; nothing was sent to it",
              "打印端口开放（未发送任何数据）"},
    {0},
};

static enum probe_answer step(struct probe_call *call)
{
    switch (call->event) {
    case PROBE_OPENED:
        return PROBE_WAIT;
    case PROBE_HEARD: /* printers do not greet */
    case PROBE_SECURED:
    case PROBE_UNSECURED:
        return PROBE_NOT_MINE;
    case PROBE_ENDED:
    case PROBE_QUIET:
        break;
    }
    observation_bool(call->observation, &facts[OPEN], true);
    return PROBE_DONE;
}

const struct probe probe_printer = {
    .name = "printer",
    .manner = PROBE_PASSIVE,
    .ports = (const uint16_t[]){9100, 9101, 9102, 9103, 9104, 9105, 9106, 9107, 515, 0},
    .greeting_ms = 500,
    .facts = facts,
    .step = step,
};
