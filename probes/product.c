#include "probes/product.h"

#include <stdlib.h>
#include <string.h>

enum { VERSION_FULL, DISTRIBUTION };

const struct fact product_facts[] = {
    [VERSION_FULL] = {"software.version_full", FACT_TEXT, "the version as told, with suffixes",
                      "完整版本字符串"},
    [DISTRIBUTION] = {"software.distribution", FACT_TEXT, "packager whose marks the version carries",
                      "版本中标明的发行版"},
    {0},
};

static const struct {
    const char *mark;
    const char *name;
} distributions[] = {
    {"ubuntu", "Ubuntu"},       {"debian", "Debian"},     {"+deb", "Debian"},
    {"~deb", "Debian"},         {"raspbian", "Raspbian"}, {"centos", "CentOS"},
    {"red hat", "Red Hat"},     {"redhat", "Red Hat"},    {"fedora", "Fedora"},
    {"almalinux", "AlmaLinux"}, {"rocky", "Rocky Linux"}, {"suse", "SUSE"},
    {"freebsd", "FreeBSD"},     {"alpine", "Alpine"},     {"gentoo", "Gentoo"},
    {"openeuler", "openEuler"}, {"kylin", "Kylin"},
};

const char *product_distribution(struct span told)
{
    for (size_t i = 0; i < sizeof distributions / sizeof distributions[0]; i++)
        if (span_find_nocase(told, distributions[i].mark) != SIZE_MAX)
            return distributions[i].name;
    return NULL;
}

static bool digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

struct span version_upstream(struct span told)
{
    size_t i = 0;
    if (told.size == 0 || !digit(told.bytes[0]))
        return (struct span){0};
    while (i < told.size &&
           (digit(told.bytes[i]) || (told.bytes[i] == '.' && i + 1 < told.size && digit(told.bytes[i + 1]))))
        i++;
    size_t letters = i;
    while (letters < told.size && letters - i < 5 && letter(told.bytes[letters]))
        letters++;
    size_t end = letters;
    while (end < told.size && digit(told.bytes[end]))
        end++;
    /* "9.2p1", "4.0rc2" and "1.0.2k" keep their letters; "8.0ubuntu" does not. */
    return span_first(told, end > letters || letters - i == 1 ? end : i);
}

void product_observe(struct observation *observation, const char *product, struct span told)
{
    observation_product(observation, product);
    observation_version(observation, version_upstream(told));
    if (told.size == 0)
        return;
    observation_text(observation, &product_facts[VERSION_FULL], told);
    product_observe_packager(observation, told);
}

void product_observe_packager(struct observation *observation, struct span told)
{
    const char *distribution = product_distribution(told);
    if (distribution)
        observation_words(observation, &product_facts[DISTRIBUTION], distribution);
}

int version_compare(const char *a, const char *b)
{
    while (*a && *b) {
        if (digit(*a) && digit(*b)) {
            char *a_end, *b_end;
            unsigned long long left = strtoull(a, &a_end, 10), right = strtoull(b, &b_end, 10);
            if (left != right)
                return left < right ? -1 : 1;
            a = a_end;
            b = b_end;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return (*a != 0) - (*b != 0);
}
