#include "scoring/data.h"

#include <string.h>

const struct data_file *data_find(const char *name)
{
    for (const struct data_file *file = data_files; file->name; file++)
        if (strcmp(file->name, name) == 0)
            return file;
    return NULL;
}
