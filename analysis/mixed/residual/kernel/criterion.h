/* The criterion. */
#pragma once

#include "factors.h"
#include "layout.h"

/* Covariance of each class; where the law is curved s_g s_h rho^d is part of it, and rho^d and
   s_g s_h d rho^(d-1) are kept. */
static void by_class(const Layout *l, Work *k) {
    const lane *s = k->phi + l->k, rho = k->phi[l->K - 1];
    const int linear = l->curved ? l->k : l->K;
    clear(k->value, l->C);
    for (int i = 0; i < linear; i++)
        for (int c = 0; c < l->C; c++) k->value[c] += l->linear[i * l->C + c] * k->phi[i];
    if (!l->curved) return;
    k->powers[0] = all(1.0);
    for (int d = 1; d < l->lags; d++) k->powers[d] = rho * k->powers[d - 1];
    for (int c = 0; c < l->C; c++) {
        const int g = l->one[c], d = l->lag[c];
        if (g < 0) continue;
        const lane both = s[g] * s[l->other[c]];
        k->power[c] = k->powers[d];
        k->slope[c] = d > 0 ? both * (double)d * k->powers[d - 1] : all(0.0);
        k->value[c] += both * k->powers[d];
    }
}

/* L^-1 of all patterns; adds log|V|. */
static void factor_patterns(const Layout *l, Work *k, lane *total) {
    const int T = l->T;
    for (int m = 0; m < l->m; m++) {
        const int s = l->size[m];
        lane log_det;
        for (int a = 0; a < s; a++)
            for (int c = 0; c < s; c++) k->root[a * s + c] = k->value[l->pair[(m * T + a) * T + c]];
        factor(s, k->root, k->scale, &log_det);
        *total += l->counts[m] * log_det;
        invert(s, k->root, k->scale, k->lower + m * T * T);
    }
}

/* to (s) = a vector whitened by L^-1. */
INLINE void whiten(int s, const lane *lower, const lane *from, lane *to) {
    for (int a = 0, h; a < s; a += h) {
        h = height(s - a);
        product(SET, h, 1, a + h, by_row(lower + a * s, s), vector(from), to + a, 1);
    }
}

/* to (s) = L'^-1 times a vector. */
INLINE void whiten_back(int s, const lane *lower, const lane *from, lane *to) {
    for (int a = 0, h; a < s; a += h) {
        h = height(s - a);
        product(SET, h, 1, s - a, turned(lower + a * s + a, s), vector(from + a), to + a, 1);
    }
}

/* Whitened X of a carrier; adds its products with itself and with the whitened response. */
static void add_carrier(const Layout *l, Work *k, int j) {
    const int T = l->T, p = l->p, i = l->carrier[j], m = l->pattern[i], s = l->size[m];
    const lane *lower = k->lower + m * T * T, *rest = k->rest + i * T;
    lane *white = k->white + j * T * p;
    for (int a = 0, h; a < s; a += h) {
        h = height(s - a);
        product_with(SET, h, p, a + h, by_row(lower + a * s, s), l->x + j * T * p, p, white + a * p,
                     p);
    }
    for (int a = 0, h; a < p; a += h) {
        h = height(p - a);
        product(ADD, h, a + h, s, turned(white + a, p), by_row(white, p), k->gram + a * p, p);
        product(ADD, h, 1, s, turned(white + a, p), vector(rest), k->coefficients + a, 1);
    }
}

/* The criterion; factors and the whitened rest stay in the work space. */
static void criterion_at(const Layout *l, Work *k, lane *criterion) {
    const int T = l->T, p = l->p;
    lane total = all(0.0), log_det;
    factor_patterns(l, k, &total);
    for (int i = 0; i < l->n; i++) {
        const int m = l->pattern[i];
        whiten(l->size[m], k->lower + m * T * T, k->response + i * T, k->rest + i * T);
    }
    clear(k->gram, p * p);
    clear(k->coefficients, p);
    for (int j = 0; j < l->r; j++) add_carrier(l, k, j);
    factor(p, k->gram, k->scale, &log_det);
    total += log_det;
    invert(p, k->gram, k->scale, k->gram_lower);
    whiten(p, k->gram_lower, k->coefficients, k->along);
    whiten_back(p, k->gram_lower, k->along, k->coefficients);
    for (int j = 0; j < l->r; j++) {
        const int i = l->carrier[j], s = l->size[l->pattern[i]];
        const lane *white = k->white + j * T * p;
        for (int a = 0, h; a < s; a += h) {
            h = height(s - a);
            product(TAKE, h, 1, p, by_row(white + a * p, p), vector(k->coefficients),
                    k->rest + i * T + a, 1);
        }
    }
    for (int i = 0; i < l->n; i++)
        total += dot(l->size[l->pattern[i]], k->rest + i * T, k->rest + i * T);
    *criterion = choose(total < INFINITY, total, all(INFINITY)); /* where it is not a number */
}
