#include <stdio.h>
#include <string.h>

#include "scanner/commands/command.h"

int main(int argc, char **argv)
{
    return command_run(argc, argv);
}
