/* w'G_k V^-1 G_l w, participant by participant. */
#pragma once

#include "traces.h"

/* G_k w of one participant, (K, T). */
INLINE void moved_of(const Layout *l, Work *k, int m, int K, const double *w, double *moved) {
    const int T = l->T;
    const int *group = l->group + m * T, *from = l->from + m * T, *until = l->to + m * T;
    clear(moved, (size_t)K * T);
    clear(k->w_sums, l->q);
    for (int c = 0; c < l->k; c++) {
        const int *column = l->column + (c * l->m + m) * T;
        for (int a = 0; a < T; a++)
            if (column[a] >= 0) k->w_sums[column[a]] += w[a];
        for (int a = 0; a < T; a++)
            if (column[a] >= 0) moved[c * T + a] = k->w_sums[column[a]];
    }
    for (int a = 0; a < T; a++) {
        if (group[a] < 0) continue;
        double *own = moved + (l->k + group[a]) * T;
        if (!l->curved) {
            own[a] += w[a];
            continue;
        }
        double yw = 0.0, ew = 0.0;
        for (int c = from[a]; c < until[a]; c++) {
            yw += k->y[a * T + c] * w[c];
            ew += k->dense[a * T + c] * w[c];
            own[c] += k->y[a * T + c] * w[a];
        }
        own[a] += yw;
        moved[(K - 1) * T + a] += ew;
    }
}

/* Whitened G_k w of a participant, one below the other's, and U'G_k w if it carries X. */
INLINE void add_average(const Layout *l, Work *k, int i, int carrier) {
    const int T = l->T, p = l->p, K = l->K, wide = fours(K), m = l->pattern[i];
    const double *up = k->up + m * T * T;
    moved_of(l, k, m, K, k->w + i * T, k->moved);
    const double *u = carrier < 0 ? NULL : k->u + carrier * T * p;
    clear(k->whitened, (size_t)wide * T); /* whitening leaves what is before the first as it is */
    for (int c = 0; c < K; c++) {
        const double *moved = k->moved + c * T;
        int first = 0, last = T; /* most are zero outside a unit */
        while (first < T && moved[first] == 0.0) first++;
        while (last > first && moved[last - 1] == 0.0) last--;
        const int from = first & ~3;
        moved += first;
        set_row(T - from, last - first, moved, up + first * T + from, T, k->whitened + c * T + from);
        if (u != NULL) add_row(p, last - first, moved, u + first * p, p, k->with_w + c * p);
    }
    transpose(wide, T, k->whitened, k->stack + i * T * wide);
}

/* Sum of w'G_k V^-1 G_l w by participants, where hardly any of them share a pattern. */
INLINE void average_one_by_one(const Layout *l, Work *k, const double *deviation, double *out) {
    const int K = l->K, wide = fours(K), rows = l->n * l->T;
    int carrier = 0, slopes = -1;
    for (int i = 0; i < l->n; i++) {
        const int m = l->pattern[i], carries = carrier < l->r && l->carrier[carrier] == i;
        if (l->curved && m != slopes) slopes_of(l, k, m, deviation);
        slopes = m;
        add_average(l, k, i, carries ? carrier : -1);
        carrier += carries;
    }
    for (int i = 0; i < wide; i += 4)
        set_four_rows(wide - i, rows, k->stack + i, 1, wide, k->stack + i, wide,
                      k->sum + i * wide + i, wide);
    for (int i = 0; i < K; i++) memcpy(out + i * K + i, k->sum + i * wide + i, sizeof(double) * (K - i));
}
