/* Average information, participant by participant. */
#pragma once

#include "slopes.h"

/* Rows in which G_k w of each parameter may be other than zero, [first, last). */
INLINE void support_of(const Layout *l, int m, int *first, int *last) {
    const int T = l->T, K = l->K, s = l->size[m];
    for (int c = 0; c < K; c++) first[c] = s, last[c] = 0;
    for (int a = 0; a < s; a++) {
        const int g = l->k + l->group[m * T + a];
        const int from = l->curved ? l->from[m * T + a] : a;
        const int to = l->curved ? l->to[m * T + a] : a + 1;
        if (from < first[g]) first[g] = from;
        if (to > last[g]) last[g] = to;
    }
    if (l->curved) first[K - 1] = 0, last[K - 1] = s;
}

/* G_k w of one participant for the groups and the correlation, (K, T). */
INLINE void moved_of(const Layout *l, Work *k, int m, const lane *w) {
    const int T = l->T, K = l->K, s = l->size[m], *group = l->group + m * T;
    clear(k->moved + l->k * T, (size_t)(K - l->k) * T);
    for (int a = 0; a < s; a++) {
        lane *own = k->moved + (l->k + group[a]) * T;
        if (!l->curved) {
            own[a] = w[a];
            continue;
        }
        lane yw, ew;
        row_times(l, k, m, a, w, &yw, &ew);
        for (int c = l->from[m * T + a]; c < l->to[m * T + a]; c++)
            own[c] += k->y[a * s + c] * w[a];
        own[a] += yw;
        k->moved[(K - 1) * T + a] = ew;
    }
}

/* Whitened G_k w and U'G_k w of the components. */
INLINE void add_intercepts(const Layout *l, Work *k, int i, int carrier) {
    const int T = l->T, p = l->p, q = l->q, m = l->pattern[i], s = l->size[m];
    clear(k->whitened, (size_t)l->k * s);
    for (int j = 0; j < q; j++) {
        const lane f = k->w_sums[i * q + j], *reach = k->reach + m * T * q + j;
        lane *to = k->whitened + l->owner[j] * s;
        for (int a = 0; a < s; a++) to[a] += f * reach[a * q];
        if (carrier < 0) continue;
        const lane *u = k->u_sums + carrier * p * q + j;
        lane *with_w = k->with_w + l->owner[j] * p;
        for (int x = 0; x < p; x++) with_w[x] += f * u[x * q];
    }
}

/* The same of the groups and the correlation, and then w'G_k V^-1 G_l w of all parameters. */
INLINE void add_participant(const Layout *l, Work *k, int i, int carrier, int *first, int *last) {
    const int T = l->T, p = l->p, K = l->K, m = l->pattern[i], s = l->size[m];
    const lane *lower = k->lower + m * T * T, *u = k->u + (carrier < 0 ? 0 : carrier) * T * p;
    add_intercepts(l, k, i, carrier);
    moved_of(l, k, m, k->w + i * T);
    for (int c = l->k, h; c < K; c += h) {
        const int f = first[c], n = last[c] > f ? last[c] - f : 0;
        for (h = 1; c + h < K && first[c + h] == f && last[c + h] == last[c];) h++;
        h = height(h);
        const Matrix moved = by_row(k->moved + c * T + f, T);
        for (int x = c; x < c + h; x++) clear(k->whitened + x * s, f);
        product(SET, h, s - f, n, moved, turned(lower + f * s + f, s), k->whitened + c * s + f, s);
        if (carrier >= 0) product(ADD, h, p, n, moved, by_row(u + f * p, p), k->with_w + c * p, p);
    }
    for (int c = 0, h; c < K; c += h) {
        h = height(K - c);
        int f = c < l->k ? 0 : s;
        for (int x = c; x < c + h; x++)
            if (x >= l->k && first[x] < f) f = first[x];
        product(ADD, h, c + h, s - f, by_row(k->whitened + c * s + f, s),
                turned(k->whitened + f, s), k->second + c * K, K);
    }
}

/* Sum of w'G_k V^-1 G_l w, and of U'G_k w. */
static void add_average(const Layout *l, Work *k) {
    int carrier = 0, slopes = -1, first[l->K], last[l->K];
    for (int i = 0; i < l->n; i++) {
        const int m = l->pattern[i], carries = carrier < l->r && l->carrier[carrier] == i;
        if (m != slopes) {
            support_of(l, m, first, last);
            if (l->curved) slopes_of(l, k, m);
        }
        slopes = m;
        add_participant(l, k, i, carries ? carrier : -1, first, last);
        carrier += carries;
    }
}
