#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

#define FILE_MAX (1 << 20)

static int replay_file(const char *path, uint8_t *buffer)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return 1;
    size_t size = fread(buffer, 1, FILE_MAX, file);
    fclose(file);
    /* Each input also cut short, in storage of its exact size, so that a read past the end is seen. */
    for (size_t cut = 0; cut <= size; cut += size / 16 + 1) {
        uint8_t *exact = malloc(size - cut ? size - cut : 1);
        if (!exact)
            return 1;
        for (size_t i = 0; i < size - cut; i++)
            exact[i] = buffer[i];
        LLVMFuzzerTestOneInput(exact, size - cut);
        free(exact);
    }
    return 0;
}

/* Runs the target on every file of the folders that are named; an empty or missing folder is the empty input.
 */
int main(int argc, char **argv)
{
    uint8_t *buffer = malloc(FILE_MAX);
    int failed = buffer == NULL;
    size_t files = 0;
    for (int i = 1; i < argc && !failed; i++) {
        DIR *folder = opendir(argv[i]);
        for (struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder)) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            if (entry->d_name[0] != '.' && ++files)
                failed |= replay_file(path, buffer);
        }
        if (folder)
            closedir(folder);
    }
    if (!failed)
        LLVMFuzzerTestOneInput(buffer, 0);
    printf("%zu files replayed\n", files);
    free(buffer);
    return failed;
}
