#include "scanner/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OVERFLOW_ID 65534 /* nobody, where no such user is named */

static bool capabilities_get(struct __user_cap_data_struct data[2])
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    return syscall(SYS_capget, &header, data) == 0;
}

static bool capabilities_set(const struct __user_cap_data_struct data[2])
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    return syscall(SYS_capset, &header, data) == 0;
}

/* The leak sanitizer looks at the process from outside. */
static bool can_be_looked_at(void)
{
#ifdef AUSCULT_CHECKED
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
#else
    return true;
#endif
}

static bool is_in_group_of_file(void)
{
    struct stat file;
    return stat("/proc/self/exe", &file) == 0 && (file.st_gid == getegid() || group_member(file.st_gid));
}

bool privileges_take(void)
{
    struct __user_cap_data_struct data[2] = {0};
    if (!capabilities_get(data))
        return false;
    if (data[0].permitted == data[0].effective && data[1].permitted == data[1].effective)
        return true;
    bool taken = is_in_group_of_file();
    for (int i = 0; i < 2; i++)
        if (taken)
            data[i].effective = data[i].permitted;
        else
            data[i].permitted = data[i].effective;
    return capabilities_set(data) && can_be_looked_at();
}

bool privileges_held(void)
{
    struct __user_cap_data_struct data[2] = {0};
    return geteuid() == 0 || !capabilities_get(data) || data[0].permitted || data[1].permitted;
}

static bool become_nobody(void)
{
    const struct passwd *nobody = getpwnam("nobody");
    uid_t uid = nobody && nobody->pw_uid ? nobody->pw_uid : OVERFLOW_ID;
    gid_t gid = nobody && nobody->pw_gid ? nobody->pw_gid : OVERFLOW_ID;
    return setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0;
}

static bool drop_capabilities(void)
{
    const struct __user_cap_data_struct none[2] = {0};
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); /* an old kernel has none */
    return capabilities_set(none);
}

/* Reading stays: time zones, OpenSSL's configuration. A kernel without Landlock is no failure. */
static bool close_files(void)
{
    const struct landlock_ruleset_attr ruleset = {
        .handled_access_fs =
            LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
            LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
            LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
            LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof ruleset, 0);
    if (rules < 0)
        return true;
    bool closed = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    close(rules);
    return closed;
}

enum status privileges_drop(void)
{
    if (geteuid() == 0 && !become_nobody())
        return STATUS_SYSTEM;
    if (!drop_capabilities() || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !close_files())
        return STATUS_SYSTEM;
    return !can_be_looked_at() || privileges_held() ? STATUS_SYSTEM : STATUS_OK;
}
