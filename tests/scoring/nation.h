#ifndef TESTS_SCORING_NATION_H
#define TESTS_SCORING_NATION_H

#include "sample.h"
#include "scoring/cohort.h"

/* Synthetic hospitals of a nation: real findings of the default catalogue through the real index, drawn from
   the report's own rates (model.md §7) where it gives one, and from assumptions where it gives none. The seed
   and every assumption were written down before the first run, and none was changed for its result.

   Assumed of a hospital:
   - All items were assessed: a programme that has a scan, feeds and a survey of every hospital.
   - How careful it is, is one normal number c; whether it has an item of the rate p is a second normal number e
     of the item's own: it has it when (0.6 c + e) / √1.36 falls below the p-quantile. So the rate over all
     hospitals is p exactly, and two items of one hospital hang together (correlation 0.26). c is the
     province's (a fifth of the variance) and the hospital's own.
   - Hosts with an open port: lognormal, median 12, σ 0.8, at least one. Computers inside: lognormal, median 300,
     σ 0.8.
   - Provinces: 31, of random sizes; every hospital is of level 3A.
   Taken from the report:
   - 3306 is open on 3.43 % of a hospital's hosts (H04-1), 3389 on 1.41 % (H03-1): each host by itself, with the
     chance doubled or halved by how careful the hospital is.
   - Remote login is open at 50 % of hospitals: those without RDP have SSH (H03-2), telnet (H03-3) or VNC (H03-4)
     in the ratio 70 : 15 : 15 so often that it comes to half.
   - 30 % of the computers have a high-risk hole (H08-3); 12 % of hospitals have a mining trojan (H10-1), 15 %
     ransomware damage (H11-1).
   - Survey: 36.16 % passed the protection assessment (else B6-2); no dual hot standby (72.31 %) and no cluster
     (48.55 %): B6-1; neither disaster recovery (49.79 %) nor offline storage (40.91 %): D5-1; no database audit
     (20.66 %): D5-2; no identity authentication (13.43 %): B2-2; no more than one isolated network (54.55 %):
     N7-1.
   - 11.79 % have an app, of which 67 % have a hole that can be used (one of A07-1 to A09-1) and 13 % another hole
     (A09-2), together the 80 % that have any.
   - 10.65 % are on a third-party platform, of which (assumed) 30 % have one of A10-1 to A10-3.
   Every other item, by its severity (assumed): 5: 2 %, 4: 6 %, 3: 15 %, 2: 30 %, 1: 50 % of hospitals. An item of
   less than the full alpha, which can't occur without another of its dimension, occurs in half of the hospitals that
   have that. Occurrences where an item is found: one, and another with the chance of a half each time, at most as
   many as there are hosts. */
struct nation {
    struct catalogue catalogue;
    struct organization *organizations;
    struct cohort_member *members; /* without g */
    double *scores;                /* raw */
    size_t count;
    size_t findings;
    size_t *having;      /* per item: hospitals that have it */
    size_t remote_login; /* hospitals with any of H03-1 to H03-4 */
};

#define NATION_SEED      20180801 /* the report's month */
#define NATION_HOSPITALS 956

void nation_init(struct nation *nation, size_t hospitals, uint64_t seed);
void nation_deinit(struct nation *nation);

#endif
