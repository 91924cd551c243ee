#ifndef SCANNER_XDP_TRANSMIT_H
#define SCANNER_XDP_TRANSMIT_H

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "scanner/cookie.h"
#include "scanner/xdp/draw.h"

/* Run once for each frame by BPF_PROG_RUN. Nothing that its user says can bring a frame to an address or port that
   the authorization does not hold: `granted`, `denied` and `allowed_ports` are frozen before the first run, and the
   address that was looked up in them is the one that is written. Pages come back as they went, so that every byte
   of a frame is written each time. */

#define IPV4_SIZE    74 /* of a whole frame with a SYN */
#define IPV6_SIZE    94
#define MAPPED       0xffffULL /* the upper half of the low word of an IPv4 address */
#define SEARCHES_MAX 32

/* Not a constant: the verifier would follow the numbers of each plan through the walk of its permutation. */
struct xdp_order order;
const volatile __u32 searches =
    0; /* the pieces are fewer than 2^searches and filled up with never-reached ones */
const volatile __u64 marks_mask = 0;
const volatile __u64 allowed_ports[1024] = {}; /* a bit each */
const volatile struct siphash_key cookie_key = {};
const volatile bool has_denied = true; /* where the scope denies nothing, there is nothing to look up */
const volatile bool has_ipv6 = true;   /* where the plan has none, the verifier takes the code out */

struct xdp_state state;

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct xdp_piece);
} pieces SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u16);
} ports SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, XDP_HOPS_MAX);
    __type(key, __u32);
    __type(value, struct xdp_hop);
} hops SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct xdp_marks);
} marks SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, 1);
    __type(key, struct xdp_prefix);
    __type(value, __u8);
} granted SEC(".maps"), denied SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, 1);
    __type(key, struct xdp_neighbour);
    __type(value, struct xdp_hardware);
} neighbours SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_DEVMAP);
    __uint(max_entries, XDP_DEVICES_MAX);
    __type(key, __u32);
    __type(value, __u32);
} devices SEC(".maps");

struct target {
    __u64 high, low;
    __be64 address[2]; /* as it stands in an IPv6 header */
    __u64 cookie;
    __u32 hop;
    __u16 port;
    bool broken;
};

/* The targets of XDP_AHEAD steps from `drawn_from` on; as it begins, of steps that no plan has. */
static struct target drawn[XDP_AHEAD];
static __u64 drawn_from = 1ULL << 63;

static __always_inline bool is_marked(__u64 step, bool *broken_out)
{
    __u64 index = step & marks_mask;
    __u32 page = (__u32)(index / XDP_MARKS_PAGE);
    const struct xdp_marks *found = bpf_map_lookup_elem(&marks, &page);
    *broken_out = !found;
    return found && found->bytes[index % XDP_MARKS_PAGE];
}

/* The piece that holds an address by its number: the last that begins at or before it. */
static __always_inline const struct xdp_piece *piece_of(__u64 number)
{
    __u32 low =
        state.done & 0; /* not a constant to the verifier, which would follow each way down the search */
    for (__u32 i = 0; i < searches && i < SEARCHES_MAX; i++) {
        __u32 middle = low | 1U << (searches - 1 - i);
        const struct xdp_piece *piece = bpf_map_lookup_elem(&pieces, &middle);
        if (!piece)
            return NULL;
        if (piece->before <= number)
            low = middle;
    }
    return bpf_map_lookup_elem(&pieces, &low);
}

static __always_inline bool is_ipv4(const struct target *target)
{
    return target->high == 0 && target->low >> 32 == MAPPED;
}

/* False: IPv6 where the program was made without. */
static __always_inline bool seal(struct target *target, const struct xdp_hop *hop)
{
    const struct siphash begun = {{hop->hash[0], hop->hash[1], hop->hash[2], hop->hash[3]}};
    __be16 port = bpf_htons(target->port);
    if (is_ipv4(target))
        target->cookie = cookie_end_v4(&begun, bpf_htonl((__u32)target->low), port);
    else if (has_ipv6)
        target->cookie = cookie_end_v6(&begun, target->address, port);
    return has_ipv6 || is_ipv4(target);
}

/* A target by the number of its address and the place of its port; false: a table does not hold it. */
static __always_inline bool find(__u64 number, __u32 place, struct target *target)
{
    const struct xdp_piece *piece = piece_of(number);
    const __u16 *port = bpf_map_lookup_elem(&ports, &place);
    if (!piece || !port)
        return false;
    target->low = piece->low + (number - piece->before);
    target->high = piece->high + (target->low < piece->low);
    target->address[0] = bpf_cpu_to_be64(target->high);
    target->address[1] = bpf_cpu_to_be64(target->low);
    target->port = *port;
    target->hop = piece->hop;
    const struct xdp_hop *hop = bpf_map_lookup_elem(&hops, &target->hop);
    return hop && seal(target, hop);
}

/* Where the step after the last that was drawn is: counted up, because a division costs as much as half a frame. */
static struct {
    __u64 step;
    __u64 round, place;
} cursor = {.step = ~0ULL};

static __always_inline void cursor_seek(__u64 step)
{
    __u64 position = order.first + step * order.stride;
    cursor.step = step;
    cursor.round = position / order.addresses;
    cursor.place = position % order.addresses;
}

static __always_inline void cursor_advance(void)
{
    __u64 place = cursor.place + order.stride;
    cursor.step++;
    if (place >= order.addresses) {
        cursor.round += place / order.addresses;
        place %= order.addresses;
    }
    cursor.place = place;
}

static __always_inline void draw(__u64 from)
{
    __u64 numbers[XDP_AHEAD], rounds[XDP_AHEAD];
    if (cursor.step != from)
        cursor_seek(from);
#pragma clang loop unroll(full)
    for (int i = 0; i < XDP_AHEAD; i++) {
        rounds[i] = cursor.round;
        numbers[i] = cursor.place;
        cursor_advance();
    }
    bool walked = xdp_numbers(&order, numbers);
    for (int i = 0; i < XDP_AHEAD; i++)
        drawn[i].broken = !walked || !find(numbers[i], xdp_turn(&order, numbers[i], rounds[i]), &drawn[i]);
    drawn_from = from;
}

/* Deny wins; whatever is not there to be asked refuses. */
static __always_inline bool is_authorized(const struct target *target)
{
    struct xdp_prefix key = {.length = 128};
    __builtin_memcpy(key.address, target->address, sizeof key.address);
    return allowed_ports[target->port >> 6] >> (target->port & 63) & 1 &&
           bpf_map_lookup_elem(&granted, &key) && !(has_denied && bpf_map_lookup_elem(&denied, &key));
}

/* total: below 2^48. */
static __always_inline __u16 fold(__u64 total)
{
    total = (total & 0xffff) + (total >> 16 & 0xffff) + (total >> 32);
    total = (total & 0xffff) + (total >> 16);
    return (__u16) ~((total & 0xffff) + (total >> 16));
}

/* Gives the frame its size; the packet's pointers are to be read again after it. */
static __always_inline bool resize(struct xdp_md *context, __u32 size)
{
    __u32 now = (__u32)(context->data_end - context->data);
    return now == size || bpf_xdp_adjust_tail(context, (int)size - (int)now) == 0;
}

static __always_inline void write_tcp(void *tcp, const struct target *target, __u64 sum)
{
    __u64 cookie = target->cookie;
    __be16 port = bpf_htons(target->port);
    __be16 own = bpf_htons(cookie_port(cookie, state.attempt));
    __be32 sequence = bpf_htonl(cookie_sequence(cookie));
    *(__u16 *)tcp = own;
    *(__u16 *)(tcp + 2) = port;
    *(__u32 *)(tcp + 4) = sequence;
    *(__u16 *)(tcp + 16) = fold(sum + own + port + sequence);
}

static __always_inline bool write_v4(struct xdp_md *context, const struct target *target,
                                     const struct xdp_hop *hop)
{
    if (!resize(context, IPV4_SIZE))
        return false;
    void *frame = (void *)(long)context->data, *end = (void *)(long)context->data_end;
    if (frame + IPV4_SIZE > end)
        return false;
    for (int i = 0; i < IPV4_SIZE / 8; i++)
        ((__u64 *)frame)[i] = hop->frame[i];
    *(__u16 *)(frame + IPV4_SIZE - 2) = *((const __u16 *)hop->frame + IPV4_SIZE / 2 - 1);
    __be32 to = bpf_htonl((__u32)target->low);
    __u16 id = (__u16)(target->cookie >> 48);
    *(__u16 *)(frame + 18) = id;
    *(__u16 *)(frame + 24) = fold((__u64)hop->ip_sum + to + id);
    *(__u32 *)(frame + 30) = to;
    write_tcp(frame + 34, target, (__u64)hop->tcp_sum + to);
    return true;
}

static __always_inline bool write_v6(struct xdp_md *context, const struct target *target,
                                     const struct xdp_hop *hop)
{
    if (!resize(context, IPV6_SIZE))
        return false;
    void *frame = (void *)(long)context->data, *end = (void *)(long)context->data_end;
    if (frame + IPV6_SIZE > end)
        return false;
    for (int i = 0; i < IPV6_SIZE / 8; i++)
        ((__u64 *)frame)[i] = hop->frame[i];
    for (int i = IPV6_SIZE / 8 * 4; i < IPV6_SIZE / 2; i++)
        ((__u16 *)frame)[i] = ((const __u16 *)hop->frame)[i];
    const __u64 *to = target->address;
    __u64 sum = (to[0] & 0xffffffff) + (to[0] >> 32) + (to[1] & 0xffffffff) + (to[1] >> 32);
    *(__u64 *)(frame + 38) = to[0];
    *(__u64 *)(frame + 46) = to[1];
    write_tcp(frame + 54, target, sum + hop->tcp_sum);
    return true;
}

/* A target on our own link gets its own hardware address. */
static __always_inline bool aim(struct xdp_md *context, const struct target *target)
{
    struct xdp_neighbour key;
    __builtin_memcpy(key.address, target->address, sizeof key.address);
    const struct xdp_hardware *hardware = bpf_map_lookup_elem(&neighbours, &key);
    void *frame = (void *)(long)context->data, *end = (void *)(long)context->data_end;
    if (!hardware || frame + 6 > end)
        return false;
    *(__u32 *)frame = *(const __u32 *)hardware->bytes;
    *(__u16 *)(frame + 4) = *(const __u16 *)(hardware->bytes + 4);
    return true;
}

static __always_inline enum xdp_fate prepare(struct xdp_md *context, __u64 step, __u32 *device_out)
{
    bool broken;
    if (is_marked(step, &broken))
        return XDP_FATE_MARKED;
    if (step - drawn_from >= XDP_AHEAD)
        draw(step);
    const struct target *target = &drawn[(step - drawn_from) % XDP_AHEAD];
    if (broken || target->broken)
        return XDP_FATE_BROKEN;
    if (!is_authorized(target))
        return XDP_FATE_REFUSED;
    const struct xdp_hop *hop = bpf_map_lookup_elem(&hops, &target->hop);
    if (!hop)
        return XDP_FATE_BROKEN;
    if (hop->way == XDP_WAY_OTHER)
        return XDP_FATE_OTHER;
    if (!(is_ipv4(target) ? write_v4(context, target, hop) : has_ipv6 && write_v6(context, target, hop)))
        return XDP_FATE_BROKEN;
    if (hop->way == XDP_WAY_LINK && !aim(context, target))
        return XDP_FATE_UNRESOLVED;
    *device_out = hop->device;
    return XDP_FATE_SENT;
}

static __always_inline int transmit(struct xdp_md *context)
{
    __u32 place = state.done++, device = 0;
    enum xdp_fate fate = XDP_FATE_REFUSED;
    if (!state.stopped)
        fate = prepare(context, state.first + place, &device);
    state.fates[place % XDP_SPAN_MAX] = (__u8)fate;
    if (fate == XDP_FATE_REFUSED || fate == XDP_FATE_BROKEN)
        state.stopped = 1;
    if (fate != XDP_FATE_SENT)
        return XDP_DROP;
    state.frames++;
    return (int)bpf_redirect_map(&devices, device, 0);
}

#endif
