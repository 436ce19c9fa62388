/* U'G_k w and U'G_k U, summed over participants. */
#pragma once

#include "layout.h"

/* sum_i U_i' G_k w_i, (K, p), of carrier j; Y U and E U of it stay in the work space; adds
   U_i' G_k U_i of the components k. */
INLINE void add_sandwiches(const Layout *l, Work *k, int j, int K, int exact) {
    const int T = l->T, p = l->p, q = l->q, m = l->pattern[l->carrier[j]];
    const int *group = l->group + m * T, *from = l->from + m * T, *until = l->to + m * T;
    const double *u = k->u + j * T * p, *w = k->w + l->carrier[j] * T;
    double *v = k->v + j * T * p, *e = k->e + j * T * p;
    clear(k->sums, (size_t)q * p);
    clear(k->w_sums, q);
    for (int c = 0; c < l->k; c++)
        for (int a = 0; a < T; a++) {
            const int i = l->column[(c * l->m + m) * T + a];
            if (i < 0) continue;
            k->w_sums[i] += w[a];
            add_times(p, 1.0, u + a * p, k->sums + i * p);
        }
    for (int i = 0; i < q; i++) {
        const int own = l->owner[i];
        if (own < 0) continue;
        add_times(p, k->w_sums[i], k->sums + i * p, k->with_w + own * p);
        if (exact)
            for (int x = 0; x < p; x++)
                add_times(p, k->sums[i * p + x], k->sums + i * p, k->sandwich + (own * p + x) * p);
    }
    if (l->curved) {
        related_times(T, from, until, p, k->y, u, v);
        if (exact) related_times(T, from, until, p, k->dense, u, e);
    }
    for (int a = 0; a < T; a++) {
        if (group[a] < 0) continue;
        double *with_w = k->with_w + (l->k + group[a]) * p;
        if (!l->curved) {
            add_times(p, w[a], u + a * p, with_w);
            continue;
        }
        double yw = 0.0, ew = 0.0;
        for (int c = from[a]; c < until[a]; c++) {
            yw += k->y[a * T + c] * w[c];
            ew += k->dense[a * T + c] * w[c];
        }
        add_times(p, yw, u + a * p, with_w);
        add_times(p, w[a], v + a * p, with_w);
        add_times(p, ew, u + a * p, k->with_w + (K - 1) * p);
    }
}

/* sum_i U_i' G_k U_i of the variance groups and of the correlation. */
INLINE void group_sandwiches(const Layout *l, Work *k, int K) {
    const int p = l->p, square = p * p;
    for (int g = 0; g < l->G; g++) {
        const int n = l->begin[g + 1] - l->begin[g], *order = l->order + l->begin[g];
        double *own = k->sandwich + (l->k + g) * square;
        for (int i = 0; i < n; i++) {
            memcpy(k->left + i * p, k->u + order[i] * p, sizeof(double) * p);
            if (l->curved) memcpy(k->right + i * p, k->v + order[i] * p, sizeof(double) * p);
        }
        add_product(p, n, k->left, l->curved ? k->right : k->left, own);
        if (!l->curved) continue;
        for (int i = 0; i < p; i++)
            for (int j = 0; j <= i; j++)
                own[i * p + j] = own[j * p + i] = own[i * p + j] + own[j * p + i];
    }
    if (l->curved) add_product(p, l->r * l->T, k->u, k->e, k->sandwich + (K - 1) * square);
}
