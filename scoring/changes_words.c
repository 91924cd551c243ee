#include "scoring/changes.h"

/* The words of changes, in both languages. */

const enum change_kind change_order[CHANGE_KINDS] = {
    CHANGE_NEW,  CHANGE_BACK,      CHANGE_LAPSED,   CHANGE_MENDED, CHANGE_GONE,
    CHANGE_OPEN, CHANGE_UNCHECKED, CHANGE_ACCEPTED, CHANGE_FALSE,
};

struct named {
    const char *word, *zh, *en;
};

static const struct named kinds[CHANGE_KINDS] = {
    [CHANGE_NEW] = {"new", "新出现", "new"},
    [CHANGE_OPEN] = {"open", "仍然存在", "still open"},
    [CHANGE_MENDED] = {"mended", "已修复", "mended"},
    [CHANGE_GONE] = {"gone", "主机无应答", "host gone"},
    [CHANGE_BACK] = {"back", "再次出现", "back again"},
    [CHANGE_ACCEPTED] = {"accepted", "已接受", "accepted"},
    [CHANGE_LAPSED] = {"lapsed", "接受已到期", "acceptance lapsed"},
    [CHANGE_FALSE] = {"false", "标为误报", "false positive"},
    [CHANGE_UNCHECKED] = {"unchecked", "本次未检查", "not checked this time"},
};

static const struct named endpoint_kinds[ENDPOINT_CHANGE_KINDS] = {
    [ENDPOINT_CHANGE_OPENED] = {"opened", "端口新开放", "opened"},
    [ENDPOINT_CHANGE_CLOSED] = {"closed", "端口已关闭", "closed"},
    [ENDPOINT_CHANGE_SERVICE] = {"service", "服务改变", "another service"},
    [ENDPOINT_CHANGE_VERSION] = {"version", "产品或版本改变", "another version"},
    [ENDPOINT_CHANGE_HOST_DOWN] = {"host_down", "主机无应答", "host down"},
    [ENDPOINT_CHANGE_HOST_NEW] = {"host_new", "新主机", "new host"},
    [ENDPOINT_CHANGE_NOT_ASKED] = {"not_asked", "本次未问", "not asked this time"},
};

static const struct {
    const char *zh, *en;
} reasons[] = {
    [REASON_NONE] = {"", ""},
    [REASON_FIRST_LOOK] = {"上次没有查看这里", "the earlier scan did not look there"},
    [REASON_LONG_AGO] = {"90 天以前曾出现过", "it was seen before, more than 90 days ago"},
    [REASON_CLOSED] = {"主机有应答，端口已不开放", "the host answers, the port is open no longer"},
    [REASON_OTHER_SERVICE] = {"该端口现在是另一种服务", "another service answers there"},
    [REASON_ANSWERED] = {"服务有应答，问题已不存在", "the service answers without it"},
    [REASON_REPORTED] = {"覆盖该项的来源不再报告", "a source that covers it reports it no longer"},
    [REASON_SILENT_HOST] = {"整台主机没有任何应答：可能关机，也可能被过滤",
                            "its host answers nothing any more: it may be off, or filtered"},
    [REASON_VANTAGE] = {"本次从另一位置查看", "this scan looked from somewhere else"},
    [REASON_INCOMPLETE] = {"本次扫描没有做完", "this scan did not come to its end"},
    [REASON_SHARD] = {"本次只扫描了一部分（分片）", "this scan asked another part (shard)"},
    [REASON_ORGANIZATION] = {"本次没有扫描该机构", "this scan did not look at the organization"},
    [REASON_ADDRESS] = {"地址已不在授权范围内", "the address is in the scope no longer"},
    [REASON_EXCLUDED] = {"地址现在被排除", "the address is excluded now"},
    [REASON_SCOPE_UNKNOWN] = {"不知道该地址是否仍在授权范围内",
                              "nothing says whether the address was still in the scope"},
    [REASON_PORT] = {"本次没有问该端口", "the port was not asked this time"},
    [REASON_ANSWERS_EVERYWHERE] = {"主机对所有端口都应答而不说话",
                                   "the host answers at every port and says nothing"},
    [REASON_UNDETERMINED] = {"有应答，但无法确定", "something answers, and it could not be determined"},
    [REASON_UNCOVERED] = {"本次没有来源检查该项", "no source looked at the item this time"},
};

const char *change_kind_word(enum change_kind kind)
{
    return kinds[kind].word;
}

const char *change_kind_name(enum change_kind kind, enum language language)
{
    return language == LANGUAGE_ZH ? kinds[kind].zh : kinds[kind].en;
}

const char *change_reason_name(enum change_reason reason, enum language language)
{
    return language == LANGUAGE_ZH ? reasons[reason].zh : reasons[reason].en;
}

const char *endpoint_change_word(enum endpoint_change_kind kind)
{
    return endpoint_kinds[kind].word;
}

const char *endpoint_change_name(enum endpoint_change_kind kind, enum language language)
{
    return language == LANGUAGE_ZH ? endpoint_kinds[kind].zh : endpoint_kinds[kind].en;
}
