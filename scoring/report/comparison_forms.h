#ifndef SCORING_REPORT_COMPARISON_FORMS_H
#define SCORING_REPORT_COMPARISON_FORMS_H

#include "scoring/comparison.h"
#include "scoring/report/report.h"

/* The forms that a comparison can take: table, json, jsonl. They show the report's `comparison`.

   The records, one a line in jsonl, and gathered in one document in json:
   {"type":"subject","org":"h001" or "key":"province","value":"…","organizations":31,"addresses":…,"answered":…,
    "hosts":…,"vantage":"internet","baseline":{"name","date","population","source","vantage"},"catalogue":"…",
    "g":"identity","calibrated":false,"confidence":0.95}
   {"type":"exposure","id":"open-3306","ports":"3306","asked":"wholly","hosts":3,
    "of":{"address":{"count":3,"of":256,"share":…,"interval":[…,…]},"answered":{…},"host":{…},"organization":{…}}}
   {"type":"comparison","figure":"open-3306","ports":"3306","denominator":"host","baseline_denominator":"unknown",
    "count":3,"of":40,"share":…,"interval":[…,…],"baseline":0.0343,"baseline_interval":null,"lift":…,
    "lift_interval":[…,…],"p_more":…,"p_two_sided":…,"p_holm":…,"holm":4,"word":"not distinguishable","why":null}
   {"type":"comparison_mean","figure":"index-mean","organizations":31,"mean":…,"interval":[…,…],"baseline":759,
    "calibrated":false,"word":"…","why":…}
   Intervals of shares are Wilson's, of lifts Clopper and Pearson's, of means Student's, all of 95 %. Under twenty there are
   only counts: share, interval and lift are null. */
extern const struct report_form *const comparison_forms[]; /* ended by NULL */
extern const struct report_form comparison_table, comparison_json, comparison_jsonl;

#endif
