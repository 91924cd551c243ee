#ifndef PROBES_X509_H
#define PROBES_X509_H

#include "probes/observation.h"

/* Facts of the first certificate of a chain (RFC 5280): x509.subject, x509.issuer, x509.names,
   x509.not_before, x509.not_after, x509.self_signed, x509.key_type, x509.key_bits, x509.signature,
   x509.weak_signature, x509.weak_key, x509.fingerprint. */
extern const struct fact x509_facts[];

#define X509_DER_MAX 16384

/* Reads one DER certificate; one that cannot be read makes x509.subject undetermined. No clock: whether it
   has expired is a condition on x509.not_after. */
void x509_observe(struct observation *observation, struct span der);

#endif
