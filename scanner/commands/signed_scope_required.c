#include "scanner/commands/signed_scope.h"

/* Alone in its file, so that a test can build the program with a place of its own. */
const char *const signed_scope_required = AUSCULT_REQUIRE_SIGNATURE;
