#ifndef SCANNER_COMMANDS_FOLDER_H
#define SCANNER_COMMANDS_FOLDER_H

#include <stdbool.h>

/* Removes a folder and all in it, and follows no link out of it; what another process removed meanwhile is removed. False:
   errno says why, and something is left. */
bool folder_remove(const char *path);

#endif
