#ifndef TARGETS_PORTS_H
#define TARGETS_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "targets/status.h"

enum transport { TRANSPORT_TCP, TRANSPORT_UDP };

struct port {
    uint16_t number; /* 1..65535 */
    uint8_t transport;
};

/* Sorted by transport, then number; each once. Owns its items. */
struct ports {
    struct port *items;
    size_t count;
    size_t capacity;
};

void ports_init(struct ports *ports);
void ports_deinit(struct ports *ports);
MUST_USE enum status ports_add(struct ports *ports, uint16_t number, enum transport transport);
/* `copy` is made by this; the caller deinits it, after a failure too. */
MUST_USE enum status ports_copy(struct ports *copy, const struct ports *ports);
bool ports_equal(const struct ports *a, const struct ports *b);
bool ports_contain(const struct ports *ports, uint16_t number, enum transport transport);
/* Adds what the list names: "22,8000-8100,161/udp" (contract.md), spaces allowed around commas.
   STATUS_WRONG_FILE with a static *why_out that says what would be right and *at_out, the offset of the
   mistake. */
MUST_USE enum status ports_parse(struct ports *ports, const char *list, const char **why_out, size_t *at_out);
/* The inverse: runs joined, "22,8000-8100,161/udp". Caller frees; NULL when memory is out. */
char *ports_format(const struct ports *ports);
const char *transport_name(enum transport transport);

#endif
