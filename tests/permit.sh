#!/usr/bin/env bash
# A permit can't be forged: outside authorization.c its type is incomplete, so that nobody can make, fill or copy one.
set -u
root=${1:-$(cd "$(dirname "$0")/.." && pwd)}
cc=${CC:-cc}
command -v "$cc" >/dev/null || exit 77

# Compiles the body of a function that sees the public header.
compiles() {
    printf '#include "targets/authorization.h"\n#include <stdlib.h>\nvoid forge(void);\nvoid forge(void)\n{\n%s\n}\n' "$1" |
        "$cc" -std=c11 -D_GNU_SOURCE -I"$root" -fsyntax-only -xc - 2>/dev/null
}

failed=0
refused() {
    if compiles "$1"; then
        echo "this compiles and must not: $1"
        failed=1
    fi
}

# What is meant to be done with permits compiles, so that a refusal below is for the forging alone.
compiles 'struct authorization *a = NULL; const struct permit *permit = NULL;
          struct address address = {0, 0}; struct port port = {22, 0};
          (void)authorization_permit(a, address, port, 0, &permit); authorization_release(a, permit);' || {
    echo "the right use of a permit does not compile"
    exit 1
}
refused 'struct permit forged; (void)forged;'
refused 'struct permit *forged = &(struct permit){0}; (void)forged;'
refused 'struct permit *forged = malloc(sizeof(struct permit)); (void)forged;'
refused 'struct permit *forged = malloc(99); forged->port.number = 22;'
refused 'const struct permit *one = NULL; struct permit copy = *one; (void)copy;'
compiles 'const struct authorization *a = NULL; struct authorization_table *table = NULL; size_t count;
          (void)!authorization_table_new(a, &table); (void)authorization_table_granted(table, &count);' || {
    echo "the right use of a table does not compile"
    exit 1
}
refused 'struct authorization_table forged; (void)forged;'
refused 'struct authorization_table *forged = malloc(sizeof(struct authorization_table)); (void)forged;'
refused 'struct authorization_table *forged = malloc(99); forged->granted.count = 1;'

# The same of a batch of them.
compiles 'struct authorization *a = NULL; const struct permits *permits = NULL; size_t refused;
          struct permits_request requests[2] = {{{0, 0}, {22, 0}}, {{0, 1}, {22, 0}}};
          (void)authorization_permits(a, requests, 2, 0, &permits, &refused);
          (void)permits_address(permits, 0); (void)permits_port(permits, 1);' || {
    echo "the right use of permits does not compile"
    exit 1
}
refused 'struct permits forged; (void)forged;'
refused 'struct permits *forged = malloc(sizeof(struct permits)); (void)forged;'
refused 'struct permits *forged = malloc(9999); forged->count = 1;'
refused 'const struct permits *one = NULL; struct permits copy = *one; (void)copy;'

# And nobody but authorization.c says what is in one, or in many.
for type in permit permits authorization_table; do
    makers=$(grep -rlE "^[[:space:]]*(typedef[[:space:]]+)?struct $type[[:space:]]*\\{" "$root"/{targets,probes,scoring,scanner} --include='*.[ch]')
    if [ "$makers" != "$root/targets/authorization.c" ]; then
        echo "struct $type is defined in: $makers"
        failed=1
    fi
done
exit $failed
