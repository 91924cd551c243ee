#include <string.h>

#include "scoring/feeds/feed.h"

#define FEED(name) extern const struct feed feed_##name;
#include "scoring/feeds/feeds.def"
#undef FEED

#define FEED(name) &feed_##name,
const struct feed *const feeds[] = {
#include "scoring/feeds/feeds.def"
    NULL,
};
#undef FEED

const struct feed *feed_named(const char *name)
{
    for (size_t i = 0; feeds[i]; i++)
        if (strcmp(feeds[i]->name, name) == 0)
            return feeds[i];
    return NULL;
}
