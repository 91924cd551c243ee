#ifndef TARGETS_SCOPE_H
#define TARGETS_SCOPE_H

#include <stdint.h>

#include "targets/complaint.h"
#include "targets/organization.h"
#include "targets/ports.h"

/* From where the scan is made; its exposure weight is model.md §3. */
enum vantage { VANTAGE_INTERNET, VANTAGE_PARTNER, VANTAGE_INTERNAL };

/* Minutes of the day, [from, to); from > to spans midnight. */
struct hours {
    int from_minute;
    int to_minute;
};

/* What the scope says of findings: their risk is accepted, or they are false. A calendar day as a number:
   year * 10000 + month * 100 + day. */
struct accepted_risk {
    char *item;
    char *organization;  /* NULL: any */
    struct ranges where; /* count 0: anywhere */
    char *reason;
    char *by;
    int from_day;
    int until_day; /* holds until the day before; 0, of a false positive only: for ever */
};

/* Whose a range is: the organization's place in the scope. */
struct owned {
    struct range range;
    size_t organization;
};

/* Whose a domain and every name below it is. */
struct owned_domain {
    const char *name; /* the organization's */
    size_t organization;
};

/* Where to ask whether a scan does harm: it is stopped when one that answered no longer does. */
struct canary {
    struct address address;
    struct port port;
};

#define CANARIES_MAX   16
#define CANARY_PORT    443 /* where the scope names none */
#define CANARY_EVERY_S 10.0

/* A scope file as read (contract.md, "Scope file"). Owns everything. */
struct scope {
    char *reference;
    char *authorized_by;
    char *contact;
    int valid_from_day;
    int valid_until_day; /* that day included */
    struct hours *hours; /* none: all hours */
    size_t hours_count;
    char *timezone;              /* NULL: the machine's */
    double max_rate;             /* probes a second; 0: no ceiling but the program's own */
    double max_rate_per_host;    /* 0: the program's own, SCOPE_RATE_PER_HOST */
    double max_rate_per_network; /* to the addresses of one /24 (IPv4) or /64 (IPv6); 0: no ceiling */
    struct ports ports;          /* count 0: no limit */
    struct ports exclude_ports;
    enum vantage vantage;
    struct ranges exclude;
    struct organization *organizations;
    size_t organizations_count;
    struct accepted_risk *accepted;
    size_t accepted_count;
    struct accepted_risk *false_positives; /* findings that somebody looked at, and that are none */
    size_t false_positives_count;
    struct canary *canaries;
    size_t canaries_count;
    double canary_every_s; /* between two asks of one */
    struct owned *owned;   /* all organizations' ranges in order, for scope_owner */
    size_t owned_count;
    struct owned_domain *domains; /* all organizations' in order, for scope_domain_owner */
    size_t domains_count;
    const struct organization **by_id; /* sorted, for scope_organization */
    char hash[65];                     /* SHA-256 of the file's bytes in hex */
    char *text;                        /* those bytes, with a NUL behind them; JSON has none among them */
    size_t text_size;
};

#define SCOPE_RATE_PER_HOST 50.0

/* Reads and checks everything that needs no clock. STATUS_WRONG_FILE: the complaints say what and where, and
   the scope is left empty, as after every failure. */
MUST_USE enum status scope_read(struct scope *scope, const char *path, struct complaints *complaints);
MUST_USE enum status scope_parse(struct scope *scope, const char *text, size_t size,
                                 struct complaints *complaints);
void scope_deinit(struct scope *scope);
/* The owner of an address, exclusions not regarded; NULL when nobody is. O(log). */
const struct organization *scope_owner(const struct scope *scope, struct address address);
/* The owner of a name in any spelling, or of a domain that it is below; NULL when nobody is, or when it is no
   name. O(log) for each of its labels. */
const struct organization *scope_domain_owner(const struct scope *scope, const char *name);
/* The organization of an id; NULL when there is none. O(log). */
const struct organization *scope_organization(const struct scope *scope, const char *id);
/* Does the entry hold on that day for the organization (NULL: whichever)? */
bool accepted_risk_holds(const struct accepted_risk *risk, const char *organization, int today);
#define ACCEPTED_WARNING_DAYS 30 /* before an acceptance ends, its owner is to hear of it */
/* From that day until it holds no longer; -1 where it does not end, or does not hold. */
int accepted_risk_days_left(const struct accepted_risk *risk, int today);
bool vantage_parse(const char *text, enum vantage *vantage_out);
const char *vantage_name(enum vantage vantage);

#endif
