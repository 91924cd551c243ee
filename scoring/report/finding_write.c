#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/report/finding_line.h"
#include "scoring/report/records.h"
#include "scoring/timestamp.h"

#define DAY_MS     INT64_C(86400000)
#define PIECES_MAX 512 /* all but the texts */

/* A line being made; what does not go into it plainly is left to records.h. */
struct pen {
    char *at;
    bool failed;
};

static void put(struct pen *pen, const char *bytes, size_t size)
{
    memcpy(pen->at, bytes, size);
    pen->at += size;
}

#define put_literal(pen, literal) put((pen), (literal), sizeof(literal) - 1)

static void put_text(struct pen *pen, const char *text)
{
    *pen->at++ = '"';
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        pen->failed |= byte < 0x20 || byte == '"' || byte == '\\';
        *pen->at++ = *text;
    }
    *pen->at++ = '"';
}

/* So many digits at least. */
static void put_whole(struct pen *pen, uint64_t value, int least)
{
    char digits[20];
    int count = 0;
    for (; value || count < least; value /= 10)
        digits[count++] = (char)('0' + value % 10);
    while (count > 0)
        *pen->at++ = digits[--count];
}

static void put_address(struct pen *pen, struct address address)
{
    if (address_is_ipv4(address)) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            put_whole(pen, address.low >> shift & 0xff, 1);
            if (shift)
                *pen->at++ = '.';
        }
    } else {
        char text[ADDRESS_TEXT_MAX];
        address_format(address, text);
        put(pen, text, strlen(text));
    }
}

static void put_endpoint(struct pen *pen, const struct finding *finding)
{
    if (!finding->has_address)
        return;
    put_literal(pen, ",\"ip\":\"");
    put_address(pen, finding->address);
    *pen->at++ = '"';
    if (!finding->port.number)
        return;
    put_literal(pen, ",\"port\":");
    put_whole(pen, finding->port.number, 1);
    put_literal(pen, ",\"transport\":");
    put_text(pen, transport_name(finding->port.transport));
}

/* Few exposures occur, and each as cJSON prints it. */
static void put_exposure(struct pen *pen, struct finding_line *line, double exposure)
{
    if (line->exposure != exposure || !line->exposure_text[0]) {
        cJSON *number = cJSON_CreateNumber(exposure);
        pen->failed |=
            !number || !cJSON_PrintPreallocated(number, line->exposure_text, sizeof line->exposure_text, 0);
        line->exposure = exposure;
        if (pen->failed)
            line->exposure_text[0] = 0;
        cJSON_Delete(number);
    }
    put_literal(pen, ",\"exposure\":");
    put(pen, line->exposure_text, strlen(line->exposure_text));
}

static void put_numbers(struct pen *pen, struct finding_line *line, const struct finding *finding)
{
    pen->failed |= finding->confidence < 0 || finding->asset < 0;
    if (finding->confidence) {
        put_literal(pen, ",\"confidence\":");
        put_whole(pen, (uint64_t)finding->confidence, 1);
    }
    if (finding->asset) {
        put_literal(pen, ",\"asset\":");
        put_whole(pen, (uint64_t)finding->asset, 1);
    }
    if (!isnan(finding->exposure))
        put_exposure(pen, line, finding->exposure);
    if (finding->count != 1) {
        put_literal(pen, ",\"count\":");
        put_whole(pen, finding->count, 1);
        pen->failed |= finding->count > INT32_MAX;
    }
}

/* Most times are of the day of the one before. */
static void put_time(struct pen *pen, struct finding_line *line, int64_t time_ms)
{
    int64_t day = time_ms / DAY_MS, rest = time_ms % DAY_MS;
    pen->failed |= time_ms < 0;
    if (pen->failed)
        return;
    if (line->day != day || !line->day_text[0]) {
        pen->failed |= !timestamp_format(day * (DAY_MS / 1000), line->day_text);
        line->day = day;
    }
    put_literal(pen, ",\"time\":\"");
    put(pen, line->day_text, strlen("2026-01-31T"));
    put_whole(pen, (uint64_t)rest / 3600000, 2);
    *pen->at++ = ':';
    put_whole(pen, (uint64_t)rest / 60000 % 60, 2);
    *pen->at++ = ':';
    put_whole(pen, (uint64_t)rest / 1000 % 60, 2);
    *pen->at++ = '.';
    put_whole(pen, (uint64_t)rest % 1000, 3);
    put_literal(pen, "Z\"");
}

/* As record_finding has them, in its order. */
static void put_members(struct pen *pen, struct finding_line *line, const struct finding *finding)
{
    put_literal(pen, "{\"type\":\"finding\",\"org\":");
    put_text(pen, finding->organization);
    put_literal(pen, ",\"item\":");
    put_text(pen, finding->item);
    put_endpoint(pen, finding);
    if (finding->key) {
        put_literal(pen, ",\"key\":");
        put_text(pen, finding->key);
    }
    put_numbers(pen, line, finding);
    if (finding->why) {
        put_literal(pen, ",\"why\":");
        put_text(pen, finding->why);
    }
    if (finding->time_ms)
        put_time(pen, line, finding->time_ms);
    put_literal(pen, "}\n");
}

/* An empty text is written as null, and facts are written anew: both are for the other way. */
static bool is_simple(const struct finding *finding)
{
    return !finding->facts && finding->organization && finding->organization[0] && finding->item &&
           finding->item[0] && (!finding->key || finding->key[0]) && (!finding->why || finding->why[0]);
}

static size_t size_of(const char *text)
{
    return text ? strlen(text) : 0;
}

static enum status write_record(const struct finding *finding, FILE *stream)
{
    return record_write(record_finding(finding), stream);
}

enum status finding_line_write(struct finding_line *line, const struct finding *finding, FILE *stream)
{
    size_t size = size_of(finding->organization) + size_of(finding->item) + size_of(finding->key) +
                  size_of(finding->why) + PIECES_MAX;
    if (!is_simple(finding) || !finding_line_reserve(line, size))
        return write_record(finding, stream);
    struct pen pen = {line->texts, false};
    put_members(&pen, line, finding);
    if (pen.failed)
        return write_record(finding, stream);
    size_t written = (size_t)(pen.at - line->texts);
    return fwrite_unlocked(line->texts, 1, written, stream) == written ? STATUS_OK : STATUS_SYSTEM;
}
