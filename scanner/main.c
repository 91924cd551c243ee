#include <signal.h>
#include <stdio.h>

#include "scanner/commands/command.h"
#include "scanner/privileges.h"

int main(int argc, char **argv)
{
    if (!privileges_take()) {
        fputs("auscult: the capabilities of its file could not be given up\n", stderr);
        return EXIT_FAILED;
    }
    signal(SIGPIPE, SIG_IGN); /* a peer or a reader that goes away is an error like others, not the end */
    return command_run(argc, argv);
}
