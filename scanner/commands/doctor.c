#include <stdio.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scanner/diagnosis.h"
#include "scanner/scan.h"
#include "scanner/sockets.h"

static const char help[] = "Usage: auscult doctor [OPTION…] [SCOPE]\n"
                           "Says which engines could be had here, for the ways to a scope or for every "
                           "device, what the better ones\n"
                           "lack and what would help. Sends nothing: whether a device really lets XDP frames "
                           "out, a scan tries itself.\n\n"
                           "      --lang zh|en\n"
                           "  -h, --help\n\n"
                           "Exit: 0 said, 1 failed, 2 wrong usage or file.\n";

/* Each want, and behind it what would help; by enum language. */
static const char *const texts[WANTS][2] = {
    [WANT_BUILD] = {"本程序未编入该引擎：请在装有 clang、bpftool、libbpf-dev 的机器上重新编译",
                    "this build is without it: build where clang, bpftool and libbpf-dev are"},
    [WANT_RAW] = {"缺少 CAP_NET_RAW：以 root 运行；软件包安装的程序请加入 auscult 组（adduser 用户 "
                  "auscult）；自行编译的执行 setcap cap_net_raw+ep auscult",
                  "CAP_NET_RAW is missing: run as root, join the group auscult where a package installed it "
                  "(adduser NAME auscult), or, with a build of your own, setcap cap_net_raw+ep auscult"},
    [WANT_ADMIN] = {"缺少 CAP_NET_ADMIN：以 root 运行", "CAP_NET_ADMIN is missing: run as root"},
    [WANT_BPF] = {"缺少 CAP_BPF：以 root 运行", "CAP_BPF is missing: run as root"},
    [WANT_PERFMON] = {"缺少 CAP_PERFMON：以 root 运行", "CAP_PERFMON is missing: run as root"},
    [WANT_PERMISSION] =
        {"权能齐全但 bpf() 被拒绝：容器或服务的过滤规则禁止它，请在容器外运行或放行 bpf",
         "the capabilities are there, but bpf() is refused: the filter of a container or service "
         "forbids it; run outside, or allow bpf"},
    [WANT_KERNEL] =
        {"内核不能装载程序或不能发送 XDP 实帧：需要启用 BPF 的 Linux 5.18 或更新版本",
         "the kernel does not load the program or makes no live frames: Linux 5.18 or later with BPF"},
    [WANT_PORTS] = {"内核可能把应答端口分给别的连接：sysctl -w net.ipv4.ip_local_reserved_ports=61000-62023",
                    "the kernel may give the ports of answers to others: sysctl -w "
                    "net.ipv4.ip_local_reserved_ports=61000-62023"},
    [WANT_ROUTE] = {"没有通往该范围的路由：ip route get 地址 可说明原因",
                    "no route leads to the scope: ip route get ADDRESS says why"},
    [WANT_UP] = {"接口未启用：ip link set dev 接口 up", "it is down: ip link set dev NAME up"},
    [WANT_ETHERNET] = {"不是以太网（隧道或本机）：由 packet 引擎处理",
                       "it is no Ethernet (a tunnel, or ourselves): the packet engine does it"},
    [WANT_TRANSMIT] =
        {"驱动不接收 XDP 帧（无 ndo_xdp_xmit，或队列不足）：更新驱动，增加队列（ethtool -L），或用 packet "
         "引擎",
         "its driver takes no XDP frames (no ndo_xdp_xmit, or too few queues): a newer driver, more "
         "queues (ethtool -L), or the packet engine"},
    [WANT_PEER] = {"veth 的另一端既无 XDP 程序也未开启 GRO：在另一端执行 ethtool -K 接口 gro on",
                   "the other end of this veth has neither XDP nor GRO: ethtool -K NAME gro on, there"},
    [WANT_FREE] =
        {"已有别的 XDP 程序，不会被替换：不需要时执行 ip link set dev 接口 xdp off",
         "another XDP program is attached and is not replaced: if it is not needed, ip link set dev NAME "
         "xdp off"},
};

static const char *in(enum language language, const char *zh, const char *en)
{
    return language == LANGUAGE_ZH ? zh : en;
}

static void print_wants(unsigned wants, const char *indent, enum language language)
{
    for (int want = 0; want < WANTS; want++)
        if (wants >> want & 1)
            printf("%s%s\n", indent, texts[want][language]);
}

static void print_engine(const char *name, unsigned wants, bool untried, enum language language)
{
    const char *said = wants     ? in(language, "不可用", "not to be had")
                       : untried ? in(language, "可用，但接口须由扫描先试",
                                      "can be had, if the device does what is tried first")
                                 : in(language, "可用", "can be had");
    printf("%-8s %s\n", name, said);
    print_wants(wants, "         ", language);
}

/* Where nobody answers each SYN has a socket until its time is over. */
static void print_sockets(enum language language)
{
    struct sockets sockets = sockets_share();
    printf(
        in(language,
           "         至多同时等待 %zu 个 SYN：对无应答的地址每秒至多 %zu 个（--timeout 与 ulimit -Hn）\n",
           "         at most %zu SYNs wait at a time: %zu a second where nobody answers (--timeout, ulimit "
           "-Hn)\n"),
        sockets.in_flight, sockets.in_flight * 1000 / SCAN_CONNECT_MS);
}

static void print_device(const struct diagnosis_device *device, enum language language)
{
    printf("%-15s %s", device->facts.name, device->driver[0] ? device->driver : "-");
    if (device->queues)
        printf(in(language, "，%u 队列", ", %u queues"), device->queues);
    printf(in(language, "，MTU %u", ", MTU %u"), device->facts.mtu);
    if (device->program)
        printf(in(language, "，XDP 程序 %u", ", XDP program %u"), device->program);
    if (device->facts.kind == DEVICE_ETHERNET && device->transmission == TRANSMISSION_UNTRIED)
        printf("%s", in(language, "，能否发送 XDP 帧须试过才知",
                        ", whether it takes XDP frames is known when tried"));
    if (device->transmission == TRANSMISSION_YES)
        printf("%s", in(language, "，可发送 XDP 帧", ", takes XDP frames"));
    printf("\n");
    print_wants(device->wants, "                ", language);
}

static void print(const struct diagnosis *diagnosis, enum language language)
{
    const char *best = !diagnosis->xdp_wants ? "xdp" : !diagnosis->packet_wants ? "packet" : "connect";
    printf(in(language, "内核 %s；大范围扫描将使用 %s 引擎\n\n",
              "kernel %s; a large scan would use the %s engine\n\n"),
           diagnosis->kernel, best);
    print_engine("xdp", diagnosis->xdp_wants, diagnosis->to_be_tried, language);
    print_engine("packet", diagnosis->packet_wants, false, language);
    print_engine("connect", 0, false, language);
    print_sockets(language);
    printf("\n");
    for (size_t i = 0; i < diagnosis->devices_count; i++)
        print_device(&diagnosis->devices[i], language);
}

static int look(const struct ranges *addresses, enum language language)
{
    static struct diagnosis diagnosis;
    enum status status = diagnosis_make(&diagnosis, addresses);
    if (status != STATUS_OK)
        return present_status(status, "asking the kernel", NULL);
    print(&diagnosis, language);
    return EXIT_DONE;
}

static int look_along(const char *path, enum language language)
{
    struct scope scope;
    struct authorization *authorization = NULL;
    struct ranges addresses;
    if (!present_scope(&scope, path))
        return EXIT_USAGE;
    ranges_init(&addresses);
    enum status status = authorization_new(&scope, &authorization);
    if (status == STATUS_OK)
        status = authorization_addresses(authorization, &addresses);
    int code = status == STATUS_OK ? look(&addresses, language) : present_status(status, "the scope", NULL);
    ranges_deinit(&addresses);
    authorization_free(&authorization);
    scope_deinit(&scope);
    return code;
}

static int run(int argc, char **argv)
{
    static const struct options options = {.command = "doctor", .help = help, .shared = SHARED_LANGUAGE};
    struct shared shared = {.only = NULL};
    int code = options_read(&options, &shared, argc, argv);
    if (code >= 0)
        return code;
    if (argc - optind > 1) {
        fputs(help, stderr);
        return EXIT_USAGE;
    }
    return optind < argc ? look_along(argv[optind], shared.language) : look(NULL, shared.language);
}

const struct command command_doctor = {"doctor", "[SCOPE]",
                                       "which engine can be had here, and what the others lack",
                                       "说明本机可用的引擎及其余引擎所缺", run};
