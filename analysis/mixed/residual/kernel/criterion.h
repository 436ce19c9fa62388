/* The criterion at a point. */
#pragma once

#include "layout.h"

/* Covariance of each class, s_g s_h rho^d where the law is curved; rho^d and s_g s_h d rho^(d-1). */
INLINE void by_class(const Layout *l, Work *k, const double *phi) {
    const double *s = phi + l->k, rho = phi[l->K - 1];
    const int linear = l->curved ? l->k : l->K;
    clear(k->value, l->C);
    for (int i = 0; i < linear; i++) add_times(l->C, phi[i], l->linear + i * l->C, k->value);
    k->value[l->alone] = 1.0;
    if (!l->curved) return;
    k->powers[0] = 1.0;
    for (int d = 1; d < l->lags; d++) k->powers[d] = rho * k->powers[d - 1];
    for (int c = 0; c < l->C; c++) {
        const int g = l->one[c], d = l->lag[c];
        k->power[c] = k->slope[c] = 0.0;
        if (g < 0) continue;
        const double both = s[g] * s[l->other[c]];
        k->power[c] = k->powers[d];
        k->slope[c] = d > 0 ? both * d * k->powers[d - 1] : 0.0;
        k->value[c] += both * k->powers[d];
    }
}

/* R^-1 of all patterns, four at a time; returns log|V|, NAN if V is not positive definite. */
INLINE double factor_patterns(const Layout *l, Work *k) {
    const int T = l->T, square = T * T;
    double total = 0.0;
    for (int m = 0; m < l->m; m += 4) {
        for (int x = 0; x < 4; x++) {
            const int *pair = l->pair + (m + x < l->m ? m + x : m) * square;
            for (int a = 0; a < T; a++)
                for (int c = a & ~3; c < T; c++)
                    k->root[4 * (a * T + c) + x] = k->value[pair[a * T + c]];
        }
        if (!factor(T, k->root, k->pivots)) return NAN;
        for (int x = 0; x < 4 && m + x < l->m; x++)
            total += l->counts[m + x] * log_product(T, k->pivots + x, 4);
        invert(T, k->root, k->inverted);
        transpose(square, 4, k->inverted, k->up + m * square);
    }
    return total;
}

/* The same of the products of the whitened X, which is one matrix. */
INLINE double factor_gram(const Layout *l, Work *k) {
    const int p = l->p;
    for (int i = 0; i < p; i++)
        for (int j = i & ~3; j < p; j++)
            for (int x = 0; x < 4; x++) k->root[4 * (i * p + j) + x] = k->gram[i * p + j];
    if (!factor(p, k->root, k->pivots)) return NAN;
    invert(p, k->root, k->inverted);
    for (int i = 0; i < p * p; i++) k->gram_inverse[i] = k->inverted[4 * i];
    return log_product(p, k->pivots, 4);
}

/* The criterion; factors and the whitened rest stay in the work space. */
INLINE double criterion_at(const Layout *l, Work *k, const double *y) {
    const int T = l->T, p = l->p, square = T * T;
    double total = factor_patterns(l, k);
    if (!isfinite(total)) return INFINITY;
    for (int i = 0; i < l->n; i++)
        set_row(T, T, y + i * T, k->up + l->pattern[i] * square, T, k->rest + i * T);
    clear(k->gram, (size_t)p * p);
    clear(k->coefficients, p);
    for (int j = 0; j < l->r; j++) {
        const double *up = k->up + l->pattern[l->carrier[j]] * square, *x = l->x + j * T * p;
        double *white = k->white + j * T * p;
        for (int i = 0; i < T; i += 4)
            set_four_rows(p, i + 4, up + i, 1, T, x, p, white + i * p, p);
        for (int i = 0; i < p; i += 4)
            add_four_rows(p - i, T, white + i, 1, p, white + i, p, k->gram + i * p + i, p);
        add_row(p, T, k->rest + l->carrier[j] * T, white, p, k->coefficients);
    }
    for (int i = l->real; i < p; i++) k->gram[i * p + i] = 1.0;
    total += factor_gram(l, k);
    if (!isfinite(total)) return INFINITY;
    set_row(p, p, k->coefficients, k->gram_inverse, p, k->along);
    for (int i = 0; i < p; i++) k->coefficients[i] = dot(p, k->gram_inverse + i * p, k->along);
    for (int j = 0; j < l->r; j++)
        for (int a = 0; a < T; a++)
            k->rest[l->carrier[j] * T + a] -= dot(p, k->white + (j * T + a) * p, k->coefficients);
    total += dot(l->n * T, k->rest, k->rest);
    return isfinite(total) ? total : INFINITY;
}
