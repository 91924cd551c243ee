#ifndef SCANNER_XDP_DRAW_H
#define SCANNER_XDP_DRAW_H

#include "scanner/xdp/layout.h"

/* Which target a step has: what order_at and permutation_at compute, bit for bit, in a form that the kernel's
   verifier can follow. A test holds the two against each other. */

#define XDP_WALK_MAX 256 /* a walk of the permutation that takes longer has a chance of 0.75^256 */

static inline __attribute__((always_inline)) __u64 xdp_mix(__u64 value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
    return value ^ value >> 31;
}

static inline __attribute__((always_inline)) __u64 xdp_encrypt(const struct xdp_order *order, __u64 value)
{
    __u32 bits = order->half_bits & 31;
    __u64 left = value >> bits, right = value & ((1ULL << bits) - 1);
    for (int i = 0; i < XDP_ROUNDS; i++) {
        __u64 swapped = left ^ xdp_mix(right + order->keys[i]) >> (64 - bits);
        left = right;
        right = swapped;
    }
    return left << bits | right;
}

/* 1 or 0, without a branch, which the verifier would follow both ways each time; both are below 2^62. */
static inline __attribute__((always_inline)) __u64 xdp_is_outside(const struct xdp_order *order, __u64 place)
{
    return (order->addresses - 1 - place) >> 63;
}

/* The numbers of the addresses at some places of a round, in place: several at once, because one walk is a long
   chain of dependent multiplications, and the machine does several such chains in the time of one. False when a
   walk was given up. */
static inline __attribute__((always_inline)) _Bool xdp_numbers(const struct xdp_order *order,
                                                               __u64 places[XDP_AHEAD])
{
    __u64 outside = 0;
#ifdef __clang__
#pragma clang loop unroll(full)
#endif
    for (int i = 0; i < XDP_AHEAD; i++) {
        places[i] = xdp_encrypt(order, places[i]);
        outside |= xdp_is_outside(order, places[i]);
    }
    for (int walk = 0; walk < XDP_WALK_MAX && outside; walk++) {
        outside = 0;
        for (int i = 0; i < XDP_AHEAD; i++) {
            __u64 moves = -xdp_is_outside(order, places[i]);
            places[i] = (xdp_encrypt(order, places[i]) & moves) | (places[i] & ~moves);
            outside |= xdp_is_outside(order, places[i]);
        }
    }
    return !outside;
}

/* The place among the ports that an address is asked at in a round; round < ports_count. */
static inline __attribute__((always_inline)) __u32 xdp_turn(const struct xdp_order *order, __u64 number,
                                                            __u64 round)
{
    __s64 count = order->ports_count;
    __u64 turn = (xdp_mix(number ^ order->turn_key) >> 32) * order->ports_count >> 32;
    /* Without a branch, which would be guessed wrong as often as right. */
    __s64 beyond = (__s64)(turn + round) - count;
    return (__u32)(beyond + (count & (beyond >> 63)));
}

#endif
