#include "scoring/object.h"

#include <math.h>
#include <stddef.h>

#include "scoring/timestamp.h"
#include "targets/calendar.h"

struct object object_begin(void)
{
    cJSON *json = cJSON_CreateObject();
    return (struct object){json, json == NULL};
}

struct object object_record(const char *type)
{
    struct object object = object_begin();
    object_text(&object, "type", type);
    return object;
}

void object_add(struct object *object, const char *name, cJSON *value)
{
    if (value && !object->failed && cJSON_AddItemToObject(object->json, name, value))
        return;
    object->failed = true;
    cJSON_Delete(value);
}

void object_text(struct object *object, const char *name, const char *text)
{
    object_add(object, name, text && text[0] ? cJSON_CreateString(text) : cJSON_CreateNull());
}

void object_number(struct object *object, const char *name, double number)
{
    object_add(object, name, isfinite(number) ? cJSON_CreateNumber(number) : cJSON_CreateNull());
}

void object_pair(struct object *object, const char *name, const double pair[2])
{
    bool known = isfinite(pair[0]) && isfinite(pair[1]);
    object_add(object, name, known ? cJSON_CreateDoubleArray(pair, 2) : cJSON_CreateNull());
}

void object_bool(struct object *object, const char *name, bool value)
{
    object_add(object, name, cJSON_CreateBool(value));
}

void object_moment(struct object *object, const char *name, int64_t ms)
{
    char text[TIMESTAMP_TEXT_MAX] = "";
    if (ms)
        timestamp_format_ms(ms, text);
    object_text(object, name, text);
}

void object_day(struct object *object, const char *name, int day)
{
    char text[CALENDAR_TEXT_MAX];
    object_text(object, name, day ? calendar_format(day, text) : "");
}

void object_endpoint(struct object *object, struct address address, struct port port)
{
    char text[ADDRESS_TEXT_MAX];
    address_format(address, text);
    object_text(object, "ip", text);
    if (port.number) {
        object_number(object, "port", port.number);
        object_text(object, "transport", transport_name(port.transport));
    }
}

cJSON *object_end(struct object *object)
{
    if (object->failed) {
        cJSON_Delete(object->json);
        object->json = NULL;
    }
    return object->json;
}
