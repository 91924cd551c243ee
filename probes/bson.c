#include "probes/bson.h"

#include <string.h>

enum {
    BSON_DOUBLE = 0x01,
    BSON_STRING = 0x02,
    BSON_DOCUMENT = 0x03,
    BSON_ARRAY = 0x04,
    BSON_BINARY = 0x05,
    BSON_UNDEFINED = 0x06,
    BSON_OBJECT_ID = 0x07,
    BSON_BOOLEAN = 0x08,
    BSON_DATE = 0x09,
    BSON_NULL = 0x0a,
    BSON_REGEX = 0x0b,
    BSON_POINTER = 0x0c,
    BSON_CODE = 0x0d,
    BSON_SYMBOL = 0x0e,
    BSON_SCOPED_CODE = 0x0f,
    BSON_INT32 = 0x10,
    BSON_TIMESTAMP = 0x11,
    BSON_INT64 = 0x12,
    BSON_DECIMAL = 0x13,
    BSON_MAX_KEY = 0x7f,
    BSON_MIN_KEY = 0xff,
};

#define DOCUMENT_MIN     5 /* the length and the closing NUL */
#define ELEMENT_NAME_MAX 128

struct cursor bson_document(struct cursor *in)
{
    uint32_t length = cursor_u32le(in);
    if (cursor_good(in) && (length < DOCUMENT_MIN || length > INT32_MAX))
        cursor_fail(in);
    return cursor_block(in, cursor_good(in) ? length - 4 : 0);
}

/* Bytes that a value with a length of its own has behind that length; SIZE_MAX for a length that cannot be.
 */
static size_t counted(struct cursor reader, uint8_t type)
{
    uint32_t length = cursor_u32le(&reader);
    bool whole = type == BSON_DOCUMENT || type == BSON_ARRAY || type == BSON_SCOPED_CODE;
    if (!cursor_good(&reader) || length > INT32_MAX || (whole && length < DOCUMENT_MIN))
        return SIZE_MAX;
    return whole                  ? length - (size_t)4
           : type == BSON_BINARY  ? length + (size_t)1
           : type == BSON_POINTER ? length + (size_t)12
                                  : length;
}

static void skip_counted(struct cursor *document, uint8_t type)
{
    size_t size = counted(*document, type);
    if (size == SIZE_MAX)
        cursor_fail(document);
    cursor_skip(document, 4);
    cursor_skip(document, cursor_good(document) ? size : 0);
}

static void skip_value(struct cursor *document, uint8_t type)
{
    switch (type) {
    case BSON_UNDEFINED:
    case BSON_NULL:
    case BSON_MAX_KEY:
    case BSON_MIN_KEY:
        break;
    case BSON_BOOLEAN:
        cursor_skip(document, 1);
        break;
    case BSON_INT32:
        cursor_skip(document, 4);
        break;
    case BSON_DOUBLE:
    case BSON_DATE:
    case BSON_TIMESTAMP:
    case BSON_INT64:
        cursor_skip(document, 8);
        break;
    case BSON_OBJECT_ID:
        cursor_skip(document, 12);
        break;
    case BSON_DECIMAL:
        cursor_skip(document, 16);
        break;
    case BSON_REGEX:
        (void)cursor_until(document, 0, INT16_MAX);
        (void)cursor_until(document, 0, INT16_MAX);
        break;
    case BSON_STRING:
    case BSON_DOCUMENT:
    case BSON_ARRAY:
    case BSON_BINARY:
    case BSON_POINTER:
    case BSON_CODE:
    case BSON_SYMBOL:
    case BSON_SCOPED_CODE:
        skip_counted(document, type);
        break;
    default:
        cursor_fail(document);
    }
}

bool bson_next(struct cursor *document, struct bson_element *element_out)
{
    uint8_t type = cursor_u8(document);
    if (!cursor_good(document))
        return false;
    if (type == 0) {
        if (cursor_left(document))
            cursor_fail(document);
        return false;
    }
    element_out->type = type;
    element_out->name = cursor_until(document, 0, ELEMENT_NAME_MAX);
    struct cursor start = *document;
    skip_value(document, type);
    element_out->value = cursor_span(&start, cursor_left(&start) - cursor_left(document));
    return cursor_good(document);
}

static bool whole_number(double value, int64_t *number_out)
{
    if (!(value > -1e15 && value < 1e15) || (double)(int64_t)value != value)
        return false;
    *number_out = (int64_t)value;
    return true;
}

bool bson_integer(const struct bson_element *element, int64_t *number_out)
{
    struct cursor reader = cursor_over_block(element->value.bytes, element->value.size);
    uint64_t bits;
    double value;
    switch (element->type) {
    case BSON_BOOLEAN:
        *number_out = cursor_u8(&reader) != 0;
        return true;
    case BSON_INT32:
        *number_out = (int32_t)cursor_u32le(&reader);
        return true;
    case BSON_INT64:
        *number_out = (int64_t)cursor_u64le(&reader);
        return true;
    case BSON_DOUBLE:
        bits = cursor_u64le(&reader);
        memcpy(&value, &bits, sizeof value);
        return whole_number(value, number_out);
    default:
        return false;
    }
}

struct span bson_text(const struct bson_element *element)
{
    struct cursor reader = cursor_over_block(element->value.bytes, element->value.size);
    uint32_t size = cursor_u32le(&reader);
    if (element->type != BSON_STRING || size == 0)
        return (struct span){0};
    return cursor_span(&reader, size - 1);
}
