#include "scoring/timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY_S        INT64_C(86400)
#define FIRST_SECOND INT64_C(-62167219200) /* 0000-01-01 */
#define LAST_SECOND  INT64_C(253402300799) /* 9999-12-31T23:59:59 */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 0000-01-01 to the first of a year; year 0 is a leap year. */
static int64_t days_before(int year)
{
    int64_t past = year - 1;
    return year == 0 ? 0 : 366 + INT64_C(365) * past + past / 4 - past / 100 + past / 400;
}

struct day {
    int year, month, day;
};

static struct day day_at(int64_t number)
{
    struct day day = {(int)(number / 366), 1, 1};
    while (days_before(day.year + 1) <= number)
        day.year++;
    int64_t left = number - days_before(day.year);
    while (left >= days_of_month(day.year, day.month))
        left -= days_of_month(day.year, day.month++);
    day.day += (int)left;
    return day;
}

bool timestamp_format(int64_t seconds, char text[TIMESTAMP_TEXT_MAX])
{
    text[0] = 0;
    if (seconds < FIRST_SECOND || seconds > LAST_SECOND)
        return false;
    int64_t since = seconds - FIRST_SECOND;
    struct day day = day_at(since / DAY_S);
    int rest = (int)(since % DAY_S);
    snprintf(text, TIMESTAMP_TEXT_MAX, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)day.year % 10000,
             (unsigned)day.month % 100, (unsigned)day.day % 100, (unsigned)rest / 3600 % 100,
             (unsigned)rest / 60 % 60, (unsigned)rest % 60);
    return true;
}

bool timestamp_format_ms(int64_t ms, char text[TIMESTAMP_TEXT_MAX])
{
    int64_t seconds = ms / 1000, part = ms % 1000;
    if (part < 0) {
        seconds--;
        part += 1000;
    }
    if (!timestamp_format(seconds, text))
        return false;
    size_t end = strlen(text) - 1;
    snprintf(text + end, TIMESTAMP_TEXT_MAX - end, ".%03uZ", (unsigned)part % 1000);
    return true;
}

/* `count` digits at *at, which moves behind them; -1 when there are none. */
static int digits(const char **at, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

static bool character(const char **at, const char *among)
{
    bool is = **at && strchr(among, **at);
    *at += is;
    return is;
}

static bool read_day(const char **at, int64_t *days_out)
{
    int year = digits(at, 4);
    bool good = year >= 0 && character(at, "-");
    int month = good ? digits(at, 2) : -1;
    good = good && month >= 1 && month <= 12 && character(at, "-");
    int day = good ? digits(at, 2) : -1;
    if (!good || day < 1 || day > days_of_month(year, month))
        return false;
    *days_out = days_before(year) + day - 1;
    for (int m = 1; m < month; m++)
        *days_out += days_of_month(year, m);
    return true;
}

static bool read_time(const char **at, int *seconds_out)
{
    int hour = digits(at, 2);
    bool good = hour >= 0 && hour <= 23 && character(at, ":");
    int minute = good ? digits(at, 2) : -1;
    good = good && minute >= 0 && minute <= 59 && character(at, ":");
    int second = good ? digits(at, 2) : -1;
    *seconds_out = hour * 3600 + minute * 60 + second;
    return good && second >= 0 && second <= 60;
}

static bool read_fraction(const char **at, int *ms_out)
{
    *ms_out = 0;
    if (!character(at, "."))
        return true;
    int count = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++, count++)
        if (count < 3)
            *ms_out = *ms_out * 10 + (**at - '0');
    for (int i = count; i < 3; i++)
        *ms_out *= 10;
    return count >= 1 && count <= 9;
}

static bool read_offset(const char **at, int *seconds_out)
{
    *seconds_out = 0;
    if (character(at, "Zz"))
        return true;
    int sign = **at == '-' ? -1 : 1;
    if (!character(at, "+-"))
        return false;
    int hour = digits(at, 2);
    bool good = hour >= 0 && hour <= 23 && character(at, ":");
    int minute = good ? digits(at, 2) : -1;
    *seconds_out = sign * (hour * 3600 + minute * 60);
    return good && minute >= 0 && minute <= 59;
}

bool timestamp_parse(const char *text, int64_t *ms_out)
{
    int64_t days = 0;
    int seconds = 0, ms = 0, offset = 0;
    if (!read_day(&text, &days) || !character(&text, "Tt ") || !read_time(&text, &seconds) ||
        !read_fraction(&text, &ms) || !read_offset(&text, &offset) || *text)
        return false;
    *ms_out = (FIRST_SECOND + days * DAY_S + seconds - offset) * 1000 + ms;
    return true;
}
