#include "probes/x509.h"

enum { SUBJECT };

const struct fact x509_facts[] = {
    [SUBJECT] = {"x509.subject", FACT_TEXT, "whom the certificate names", "证书主体"},
    {0},
};
