#include <signal.h>

#include "scanner/commands/command.h"

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a peer or a reader that goes away is an error like others, not the end */
    return command_run(argc, argv);
}
