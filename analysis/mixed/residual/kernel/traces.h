/* G_k of a pattern, and tr(A G_k B G_l) for symmetric A and B. */
#pragma once

#include "layout.h"

/* Y and the derivative of V by rho, E, of a pattern. */
INLINE void slopes_of(const Layout *l, Work *k, int m, const double *deviation) {
    const int T = l->T, *from = l->from + m * T, *until = l->to + m * T;
    clear(k->y, (size_t)T * T);
    clear(k->dense, (size_t)T * T);
    for (int a = 0; a < T; a++)
        for (int c = from[a]; c < until[a]; c++) {
            const int class = l->pair[(m * T + a) * T + c], g = l->group[m * T + c];
            k->y[a * T + c] = g < 0 ? 0.0 : k->power[class] * deviation[g];
            k->dense[a * T + c] = k->slope[class];
        }
}

/* Symmetric matrix, (T, T), times the indicators of the intercepts, (T, q). */
INLINE void times_intercepts(const Layout *l, Work *k, int m, const double *a, double *to) {
    const int T = l->T, q = l->q;
    clear(k->by_intercept, (size_t)q * T);
    for (int c = 0; c < l->k; c++)
        for (int row = 0; row < T; row++) {
            const int j = l->column[(c * l->m + m) * T + row];
            if (j >= 0) add_times(T, 1.0, a + row * T, k->by_intercept + j * T);
        }
    transpose(q, T, k->by_intercept, to);
}

/* Adds tr(A G_k B G_l) of a pattern for components k and l. */
INLINE void add_component_traces(const Layout *l, Work *k, int m, int K, double *out) {
    const int T = l->T, q = l->q;
    double *in_a = k->sums, *in_b = k->sums + q * q;
    clear(in_a, (size_t)2 * q * q);
    for (int c = 0; c < l->k; c++)
        for (int row = 0; row < T; row++) {
            const int j = l->column[(c * l->m + m) * T + row];
            if (j < 0) continue;
            add_times(q, 1.0, k->af + row * q, in_a + j * q);
            add_times(q, 1.0, k->bf + row * q, in_b + j * q);
        }
    for (int i = 0; i < q; i++)
        for (int j = 0; j < q; j++)
            if (l->owner[i] >= 0 && l->owner[j] >= 0)
                out[l->owner[i] * K + l->owner[j]] += in_a[i * q + j] * in_b[i * q + j];
}

/* Adds cells, (T, q), by component and variance group of the row. */
INLINE void add_by_row(const Layout *l, int row_group, int K, const double *cells, double *out) {
    for (int j = 0; j < l->q; j++)
        if (l->owner[j] >= 0) out[l->owner[j] * K + l->k + row_group] += cells[j];
}

/* The same with a variance for each group of errors. */
INLINE void add_variance_traces(const Layout *l, Work *k, const int *group, int K, const double *a,
                                const double *b, double *out) {
    const int T = l->T, q = l->q;
    for (int row = 0; row < T; row++) {
        if (group[row] < 0) continue;
        double *to = out + (l->k + group[row]) * K + l->k;
        for (int c = 0; c < T; c++)
            if (group[c] >= 0) to[group[c]] += a[row * T + c] * b[row * T + c];
        for (int j = 0; j < q; j++) k->yaf[j] = k->af[row * q + j] * k->bf[row * q + j];
        add_by_row(l, group[row], K, k->yaf, out);
    }
}

/* The same with a standard deviation for each group of errors, and their correlation. */
INLINE void add_deviation_traces(const Layout *l, Work *k, int m, int K, const double *a,
                                 const double *b, double *out) {
    const int T = l->T, q = l->q, last = K - 1;
    const int *group = l->group + m * T, *from = l->from + m * T, *until = l->to + m * T;
    related_times(T, from, until, T, k->y, a, k->ya);
    related_times(T, from, until, T, k->y, b, k->yb);
    transpose(T, T, k->ya, k->ay);
    transpose(T, T, k->yb, k->by);
    related_times(T, from, until, T, k->y, k->ay, k->yay);
    related_times(T, from, until, T, k->y, k->by, k->yby);
    related_times(T, from, until, T, k->dense, a, k->ea);
    related_times(T, from, until, T, k->dense, b, k->eb);
    transpose(T, T, k->ea, k->ae);
    transpose(T, T, k->eb, k->be);
    for (int i = 0; i < T * T; i += 4)
        AT(k->cross + i) = AT(k->ay + i) * AT(k->yb + i) + AT(k->ya + i) * AT(k->by + i) +
                           AT(a + i) * AT(k->yby + i) + AT(k->yay + i) * AT(b + i);
    related_times(T, from, until, q, k->y, k->af, k->yaf);
    related_times(T, from, until, q, k->y, k->bf, k->ybf);
    for (int i = 0; i < T * q; i += 4)
        AT(k->yaf + i) = AT(k->yaf + i) * AT(k->bf + i) + AT(k->af + i) * AT(k->ybf + i);
    for (int row = 0; row < T; row++) {
        if (group[row] < 0) continue;
        double *to = out + (l->k + group[row]) * K + l->k;
        for (int c = 0; c < T; c++)
            if (group[c] >= 0) to[group[c]] += k->cross[row * T + c];
        add_by_row(l, group[row], K, k->yaf + row * q, out);
        to[l->G] += dot(T, k->ya + row * T, k->be + row * T) +
                    dot(T, k->yb + row * T, k->ae + row * T);
    }
    out[last * K + last] += dot(T * T, k->ea, k->be);
    related_times(T, from, until, q, k->dense, k->bf, k->ybf);
    for (int row = 0; row < T; row++)
        for (int j = 0; j < q; j++)
            if (l->owner[j] >= 0)
                out[l->owner[j] * K + last] += k->af[row * q + j] * k->ybf[row * q + j];
}
