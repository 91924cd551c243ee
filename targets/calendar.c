#include "targets/calendar.h"

#include <stdio.h>
#include <string.h>

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static int digits(const char *text, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

bool calendar_parse(const char *text, int *day_out)
{
    static const char form[] = "0000-00-00";
    if (strlen(text) != sizeof form - 1)
        return false;
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    int year = digits(text, 4);
    int month = digits(text + 5, 2);
    int day = digits(text + 8, 2);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
        return false;
    *day_out = year * 10000 + month * 100 + day;
    return true;
}

int64_t calendar_number(int day)
{
    int year = day / 10000;
    int month = day / 100 % 100;
    int before = year - 1;
    int64_t number = INT64_C(365) * before + before / 4 - before / 100 + before / 400 - 719162;
    for (int m = 1; m < month; m++)
        number += days_of_month(year, m);
    return number + day % 100 - 1;
}

#define NUMBER_MOST INT64_C(2932896) /* 9999-12-31 */

int calendar_day(int64_t number)
{
    int64_t rest = number < 0 ? 0 : number > NUMBER_MOST ? NUMBER_MOST : number;
    int year = 1970 + (int)(rest / 366), month = 1;
    while (year < 9999 && calendar_number((year + 1) * 10000 + 101) <= rest)
        year++;
    rest -= calendar_number(year * 10000 + 101);
    while (rest >= days_of_month(year, month))
        rest -= days_of_month(year, month++);
    return year * 10000 + month * 100 + (int)rest + 1;
}

const char *calendar_format(int day, char text[CALENDAR_TEXT_MAX])
{
    snprintf(text, CALENDAR_TEXT_MAX, "%04d-%02d-%02d", day / 10000, day / 100 % 100, day % 100);
    return text;
}
