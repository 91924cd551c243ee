#ifndef PROBES_X509_H
#define PROBES_X509_H

#include "probes/observation.h"

/* Facts of the first certificate of a chain (RFC 5280): x509.subject, x509.issuer, x509.names,
   x509.not_before, x509.not_after, x509.self_signed, x509.key_type, x509.key_bits, x509.signature,
   x509.weak_signature, x509.weak_key, x509.fingerprint, x509.name_mismatch. */
extern const struct fact x509_facts[];

#define X509_DER_MAX 16384

/* Reads one DER certificate; one that cannot be read makes x509.subject undetermined. No clock: whether it
   has expired is a condition on x509.not_after. */
void x509_observe(struct observation *observation, struct span der);
/* Whether it is for this name, by which the server was asked, as browsers see it: by its list of names alone, not by
   its subject (RFC 9525 §2, §6.3). Nothing when it cannot be read. */
void x509_observe_match(struct observation *observation, struct span der, const char *name);

#endif
