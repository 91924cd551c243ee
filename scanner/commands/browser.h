#ifndef SCANNER_COMMANDS_BROWSER_H
#define SCANNER_COMMANDS_BROWSER_H

#include <limits.h>
#include <stdio.h>

#include "scoring/report/report.h"

/* An installed Chromium, as a printer of HTML: a process of its own without network, with a profile of its own that is
   removed, and with an end to its time. */

/* The program that $AUSCULT_CHROMIUM names, else chromium, chromium-browser or google-chrome from $PATH. False, with
   what to install on standard error, when there is none. */
bool browser_find(char path_out[PATH_MAX]);

/* Writes what the form writes as a PDF to the stream, or nothing. As root the browser runs as nobody; where it can't
   have its sandbox then, it runs without, and that is said. STATUS_SYSTEM with errno, after saying on standard error
   what the browser said. */
MUST_USE enum status browser_print(const struct report_form *form, const struct report *report, FILE *stream);

#endif
