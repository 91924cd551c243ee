#include "scanner/commands/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void make_file(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    close(file);
}

/* Files, folders in folders and links go; what a link leads to stays. */
static void test_whole(void **state)
{
    char outside[] = "/tmp/auscult-folder-XXXXXX", folder[64], path[96];
    (void)state;
    assert_non_null(mkdtemp(outside));
    snprintf(path, sizeof path, "%s/stays", outside);
    make_file(path);
    snprintf(folder, sizeof folder, "%s/goes", outside);
    assert_int_equal(mkdir(folder, 0700), 0);
    snprintf(path, sizeof path, "%s/within", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/within/file", folder);
    make_file(path);
    snprintf(path, sizeof path, "%s/within/link", folder);
    assert_int_equal(symlink(outside, path), 0);
    assert_true(folder_remove(folder));
    assert_int_not_equal(access(folder, F_OK), 0);
    snprintf(path, sizeof path, "%s/stays", outside);
    assert_int_equal(access(path, F_OK), 0);
    assert_true(folder_remove(outside));
}

static void test_absent(void **state)
{
    (void)state;
    assert_false(folder_remove("/tmp/auscult-folder-that-is-not-there"));
    assert_int_equal(errno, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_whole), cmocka_unit_test(test_absent)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
