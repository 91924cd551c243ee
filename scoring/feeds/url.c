#include "scoring/feeds/url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Host and port of an authority: user and password are left off. False where the port is none. */
static bool read_authority(const char *text, size_t size, const char *scheme_port, char *host,
                           const char **port_out)
{
    const char *at = memrchr(text, '@', size);
    size -= at ? (size_t)(at + 1 - text) : 0;
    text = at ? at + 1 : text;
    if (size >= DOMAIN_TEXT_MAX + 6)
        return false;
    memcpy(host, text, size);
    host[size] = 0;
    char *colon = strrchr(host, ':');
    *port_out = "";
    if (!colon || strchr(colon, ']'))
        return true;
    *colon = 0;
    if (strcmp(colon + 1, scheme_port) != 0)
        *port_out = colon + 1;
    return strlen(*port_out) == strspn(*port_out, "0123456789");
}

bool url_fold(const char *text, char *url_out, size_t capacity, char host_out[DOMAIN_TEXT_MAX])
{
    char host[DOMAIN_TEXT_MAX + 6];
    const char *port = "";
    bool secure = strncasecmp(text, "https://", 8) == 0;
    if (!secure && strncasecmp(text, "http://", 7) != 0)
        return false;
    text += secure ? 8 : 7;
    size_t authority = strcspn(text, "/?#");
    if (!read_authority(text, authority, secure ? "443" : "80", host, &port) || !domain_fold(host, host_out))
        return false;
    text += authority;
    int length = snprintf(url_out, capacity, "%s://%s%s%s%s%.*s", secure ? "https" : "http", host_out,
                          *port ? ":" : "", port, *text == '/' ? "" : "/", (int)strcspn(text, "#"), text);
    return length > 0 && (size_t)length < capacity;
}
