#include "targets/domain.h"

#include <idn2.h>
#include <string.h>

#include "targets/address.h"

#define LABEL_MAX 63 /* RFC 1035 §2.3.4 */
/* A longer name is none in any spelling: a character of up to four bytes stands for at least one. */
#define SPELLING_MAX (DOMAIN_TEXT_MAX * 4)

/* Unlike tolower, in any locale. */
static char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

static bool keep(const char *text, char name_out[DOMAIN_TEXT_MAX])
{
    size_t size = strlen(text);
    if (size > 0 && text[size - 1] == '.')
        size--;
    if (size == 0 || size >= DOMAIN_TEXT_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        name_out[i] = lower(text[i]);
    name_out[size] = 0;
    return true;
}

/* Also tells whether every A-label in it is what its U-label would be written as. */
static bool to_ascii(const char *text, char name_out[DOMAIN_TEXT_MAX])
{
    uint8_t *ascii = NULL;
    int code = idn2_lookup_u8((const uint8_t *)text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    bool good = code == IDN2_OK && keep((const char *)ascii, name_out);
    idn2_free(ascii);
    return good;
}

bool domain_fold(const char *text, char name_out[DOMAIN_TEXT_MAX])
{
    if (strnlen(text, SPELLING_MAX) == SPELLING_MAX)
        return false;
    return is_ascii(text) ? keep(text, name_out) : to_ascii(text, name_out);
}

/* What people write where a name is wanted; better said than "a character that no name has". */
static const char *mistaken(const char *text)
{
    struct address address;
    if (address_parse(text, strlen(text), &address))
        return "it is an address; write it in \"ranges\"";
    if (strncmp(text, "*.", 2) == 0)
        return "a domain stands for all names below it; leave the \"*.\" off";
    if (strpbrk(text, "/:@"))
        return "it holds more than a name; write the name alone, as in \"hospital.example\"";
    return NULL;
}

static bool is_name_character(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') ||
           character == '-';
}

static const char *label_wrong(const char *label, size_t size)
{
    if (size == 0)
        return "a label of it is empty; write one dot between two labels";
    if (size > LABEL_MAX)
        return "a label of it is longer than 63 characters; write the name as it is registered";
    for (size_t i = 0; i < size; i++)
        if (!is_name_character(label[i]))
            return "only letters, digits, hyphens and dots are in a domain; write the name as it is "
                   "registered";
    if (label[0] == '-' || label[size - 1] == '-')
        return "a label of it begins or ends with a hyphen; write the name as it is registered";
    return NULL;
}

static const char *labels_wrong(const char *name)
{
    const char *why = NULL;
    const char *label = name;
    for (const char *next = name; next && !why; label = next) {
        next = domain_parent(label);
        why = label_wrong(label, next ? (size_t)(next - label - 1) : strlen(label));
        if (next)
            continue;
        if (!why && label == name)
            return "it has one label only and would hold everybody's names; write the organization's own, as "
                   "in \"hospital.example\"";
        /* No such top-level domain can be (RFC 3696 §2), and an address of any old spelling ends in one. */
        if (!why && strspn(label, "0123456789") == strlen(label))
            return "its last label is a number; write the name as it is registered";
        break;
    }
    return why;
}

static bool has_a_label(const char *name)
{
    for (const char *label = name; label; label = domain_parent(label))
        if (strncmp(label, "xn--", 4) == 0)
            return true;
    return false;
}

const char *domain_parse(const char *text, char name_out[DOMAIN_TEXT_MAX])
{
    const char *why = mistaken(text);
    if (why)
        return why;
    if (!domain_fold(text, name_out))
        return is_ascii(text) ? "a domain has 1 to 253 characters; write the name as it is registered"
                              : "it can't be written in A-labels; write the name as it is registered "
                                "(\"xn--…\")";
    why = labels_wrong(name_out);
    if (why)
        return why;
    char again[DOMAIN_TEXT_MAX];
    if (has_a_label(name_out) && !to_ascii(name_out, again))
        return "an A-label (\"xn--…\") of it stands for nothing; write the name as it is registered";
    return NULL;
}

const char *domain_parent(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot ? dot + 1 : NULL;
}
