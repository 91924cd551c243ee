#ifndef SCORING_FEEDS_URL_H
#define SCORING_FEEDS_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "targets/domain.h"

#define URL_TEXT_MAX 4096

/* Scheme and host in lower case, the scheme's own port left out, an empty path "/"; what stands behind "#" left
   off. False where it is no URL of http or https, or does not fit. *host_out is the folded host. */
bool url_fold(const char *text, char *url_out, size_t capacity, char host_out[DOMAIN_TEXT_MAX]);

#endif
