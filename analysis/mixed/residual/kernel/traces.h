/* tr(A G_k B G_l) of a pattern, for symmetric A and B; to the lower triangle of `second`. */
#pragma once

#include "slopes.h"

/* The upper triangle of a symmetric matrix. */
INLINE void complete(int s, lane *a) {
    for (int i = 0; i < s; i++)
        for (int j = 0; j < i; j++) a[j * s + i] = a[i * s + j];
}

/* Of two components. */
INLINE void add_component_traces(const Layout *l, Work *k, int m) {
    const int q = l->q, K = l->K;
    times_intercepts(l, m, q, turned(k->af, q), k->in_a);
    times_intercepts(l, m, q, turned(k->bf, q), k->in_b);
    for (int i = 0; i < q; i++)
        for (int j = 0; j < q; j++)
            k->second[l->owner[i] * K + l->owner[j]] += k->in_a[i * q + j] * k->in_b[i * q + j];
}

/* Of groups with a variance each, and of those and components. */
INLINE void add_variance_traces(const Layout *l, Work *k, int m, const lane *a, const lane *b) {
    const int q = l->q, s = l->size[m], *group = l->group + m * l->T;
    for (int row = 0; row < s; row++) {
        lane *to = k->second + (l->k + group[row]) * l->K;
        for (int c = 0; c < s; c++) to[l->k + group[c]] += a[row * s + c] * b[row * s + c];
        for (int j = 0; j < q; j++) to[l->owner[j]] += k->af[row * q + j] * k->bf[row * q + j];
    }
}

/* Of groups with a standard deviation each, and of those and components. */
INLINE void add_deviation_traces(const Layout *l, Work *k, int m, const lane *a, const lane *b) {
    const int q = l->q, K = l->K, s = l->size[m], *group = l->group + m * l->T;
    related_times(l, m, s, 0, k->y, by_row(a, s), k->ya, s);
    related_times(l, m, s, 0, k->y, by_row(b, s), k->yb, s);
    related_times(l, m, s, 1, k->y, turned(k->ya, s), k->yay, s);
    related_times(l, m, s, 1, k->y, turned(k->yb, s), k->yby, s);
    related_times(l, m, q, 0, k->y, by_row(k->af, q), k->yaf, q);
    related_times(l, m, q, 0, k->y, by_row(k->bf, q), k->ybf, q);
    for (int row = 0; row < s; row++) {
        const int g = l->k + group[row];
        for (int c = 0; c <= row; c++) {
            const int h = l->k + group[c], i = row * s + c, j = c * s + row;
            const lane both = k->ya[j] * k->yb[i] + k->ya[i] * k->yb[j] + a[i] * k->yby[i] +
                              k->yay[i] * b[i];
            k->second[g * K + h] += both;
            if (c < row) k->second[h * K + g] += both;
        }
        for (int j = row * q; j < row * q + q; j++)
            k->second[g * K + l->owner[j - row * q]] +=
                k->yaf[j] * k->bf[j] + k->af[j] * k->ybf[j];
    }
}

/* Of the correlation and all parameters. */
INLINE void add_correlation_traces(const Layout *l, Work *k, int m, const lane *a, const lane *b) {
    const int q = l->q, K = l->K, s = l->size[m], *group = l->group + m * l->T;
    lane *to = k->second + (K - 1) * K;
    related_times(l, m, s, 0, k->dense, by_row(a, s), k->ea, s);
    related_times(l, m, s, 0, k->dense, by_row(b, s), k->eb, s);
    related_times(l, m, q, 0, k->dense, by_row(k->bf, q), k->ybf, q);
    for (int row = 0; row < s; row++) {
        lane with_group = all(0.0), own = all(0.0);
        for (int c = 0; c < s; c++) {
            const int i = row * s + c, j = c * s + row;
            with_group += k->ya[i] * k->eb[j] + k->yb[i] * k->ea[j];
            own += k->ea[i] * k->eb[j];
        }
        to[l->k + group[row]] += with_group;
        to[K - 1] += own;
        for (int j = 0; j < q; j++) to[l->owner[j]] += k->af[row * q + j] * k->ybf[row * q + j];
    }
}

/* A is V^-1; B is what the Hessian or the average information has. */
static void add_traces(const Layout *l, Work *k, int m, int exact) {
    const int s = l->size[m], at = m * l->T * l->T;
    lane *a = k->inverse + at;
    const lane *ww = k->ww + at, *uu = k->uu + at;
    for (int i = 0; i < s * s; i++)
        k->b[i] = exact ? 2.0 * (ww[i] + uu[i]) - l->counts[m] * a[i] : ww[i];
    complete(s, a);
    complete(s, k->b);
    times_intercepts(l, m, s, by_row(a, s), k->af);
    times_intercepts(l, m, s, by_row(k->b, s), k->bf);
    add_component_traces(l, k, m);
    if (!l->curved) {
        add_variance_traces(l, k, m, a, k->b);
        return;
    }
    slopes_of(l, k, m);
    add_deviation_traces(l, k, m, a, k->b);
    add_correlation_traces(l, k, m, a, k->b);
}
