#ifndef SCORING_DATA_H
#define SCORING_DATA_H

#include <stddef.h>

/* A file of scoring/data/, or a style sheet of scoring/report/, that is compiled in. text is NUL-terminated; size does not count the NUL. */
struct data_file {
    const char *name; /* without folder and ending: "cn-medical-2018" */
    const char *text;
    size_t size;
};

/* All of them, ended by one whose name is NULL. Made at build time by embed.cmake. */
extern const struct data_file data_files[];

/* The file of that name, or NULL. */
const struct data_file *data_find(const char *name);

#endif
