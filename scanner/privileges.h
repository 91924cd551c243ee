#ifndef SCANNER_PRIVILEGES_H
#define SCANNER_PRIVILEGES_H

#include <stdbool.h>

#include "targets/status.h"

/* What a process may do beyond an ordinary one, and how it gives that up for good: network bytes are read only by a
   process that has nothing left (credentials(7), capabilities(7), landlock(7)). */

/* A capability that the program's file only permits (`setcap cap_net_raw+p`, as the Debian package has it) is taken up by
   members of the file's group, and for everybody else it is gone for good. What is in effect already stays. To be called
   before anything is read. false: it could not be given up, and the process must not go on. */
MUST_USE bool privileges_take(void);
/* Is the process root, or does it hold any capability? */
bool privileges_held(void);
/* Root becomes the user `nobody`; all capabilities go, none can come back (no_new_privs), and where the kernel has
   Landlock no file can be written, made, removed or executed any more. What is open stays open. STATUS_SYSTEM: not all
   of it could be done, and the process must not go on. */
MUST_USE enum status privileges_drop(void);

#endif
