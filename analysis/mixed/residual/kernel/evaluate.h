/* The restricted likelihood of a residual-structure model and its derivatives, at many points.

What `point.py` does in numpy, for several points side by side (`lanes.h`), with everything in the
processor's cache. The formulas, symbols and names are those of `point.py`, `slopes.py` and
`participants.py`; see there. The search for minima uses it where it has been compiled
(`compiled.py`); estimates, certificates and standard errors do not: they are numpy's.

Matrices are by row. V = LL' with L lower triangular; whitening is multiplication by L^-1. */
#pragma once

#include <stdint.h>
#include <stdlib.h>

#include "average.h"
#include "sandwiches.h"
#include "traces.h"

/* Points of a call, and what is asked for and found there. */
typedef struct {
    int points;
    const double *phi;     /* (points, K) */
    const double *y;       /* (R, n, T)       responses */
    const double *ceiling; /* (points)        no derivatives where the criterion is above it */
    const int *of, *order; /* (points)        response; 1: average information, 2: Hessian */
    double *criterion, *gradient, *second; /* (points), (points, K), (points, K, K) */
} Asked;

/* Adds what the curvature of V adds to the Hessian. */
static void add_curvature(const Layout *l, Work *k) {
    const lane *s = k->phi + l->k;
    const int K = l->K, last = K - 1;
    lane *out = k->second, *by_rho = out + last * K;
    for (int c = 0; c < l->C; c++) {
        const int g = l->one[c], h = l->other[c], d = l->lag[c], a = l->k + g, b = l->k + h;
        if (g < 0) continue;
        out[a * K + b] += k->mass[c] * k->power[c];
        out[b * K + a] += k->mass[c] * k->power[c];
        if (d == 0) continue;
        const lane along = k->mass[c] * (double)d * k->powers[d - 1];
        by_rho[a] += along * s[h];
        by_rho[b] += along * s[g];
        if (d > 1)
            by_rho[last] += k->mass[c] * s[g] * s[h] * (double)(d * (d - 1)) * k->powers[d - 2];
    }
}

/* Takes the products of the rows of a matrix, (K, n), from the lower triangle of `second`. */
INLINE void take_products(Work *k, int K, int n, const lane *rows) {
    for (int i = 0, h; i < K; i += h) {
        h = height(K - i);
        product(TAKE, h, i + h, n, by_row(rows + i * n, n), turned(rows, n), k->second + i * K, K);
    }
}

/* Average information, or the Hessian. */
static void second_derivatives(const Layout *l, Work *k, int exact, int by_pattern) {
    const int p = l->p, K = l->K;
    clear(k->second, (size_t)K * K);
    clear(k->with_w, (size_t)K * p);
    if (!by_pattern) add_average(l, k);
    for (int m = 0, carrier = 0; by_pattern && m < l->m; m++) {
        add_traces(l, k, m, exact);
        for (; carrier < l->r && l->pattern[l->carrier[carrier]] == m; carrier++)
            add_with_w(l, k, carrier, exact);
    }
    take_products(k, K, p, k->with_w);
    if (!exact) return;
    take_products(k, K, p, k->with_w); /* twice */
    add_sandwiches(l, k);
    take_products(k, K, p * (p + 1) / 2, k->sandwich);
    if (l->curved) add_curvature(l, k);
}

/* Parameters and responses of some points side by side; where there are fewer, the last again. */
static void put(const Layout *l, Work *k, const Asked *asked, const int *at) {
    const int rows = l->n * l->T;
    for (int x = 0; x < LANES; x++) {
        const double *phi = asked->phi + at[x] * l->K, *y = asked->y + asked->of[at[x]] * rows;
        for (int i = 0; i < l->K; i++) k->phi[i][x] = phi[i];
        for (int i = 0; i < rows; i++) k->response[i][x] = y[i];
    }
}

/* Derivatives of some points, where they are asked for. */
static void give(const Layout *l, const Work *k, const Asked *asked, const int *at, which wanted) {
    const int K = l->K;
    for (int x = 0; x < LANES; x++) {
        if (!wanted[x]) continue;
        double *gradient = asked->gradient + at[x] * K;
        double *second = asked->second + (size_t)at[x] * K * K;
        for (int i = 0; i < K; i++) gradient[i] = k->gradient[i][x];
        for (int i = 0; i < K; i++)
            for (int j = 0; j <= i; j++)
                second[i * K + j] = second[j * K + i] = k->second[i * K + j][x];
    }
}

static void evaluate_some(const Layout *l, Work *k, const Asked *asked, const int *at, int exact) {
    const int by_pattern = exact || l->n >= 2 * l->m;
    put(l, k, asked, at);
    by_class(l, k);
    lane criterion, ceiling;
    criterion_at(l, k, &criterion);
    for (int x = 0; x < LANES; x++) {
        asked->criterion[at[x]] = criterion[x];
        ceiling[x] = asked->ceiling[at[x]];
    }
    const which wanted = (criterion <= ceiling) & (criterion < INFINITY);
    if (!any(wanted)) return;
    invert_patterns(l, k, by_pattern);
    weigh_rests(l, k, by_pattern);
    weigh_x(l, k, by_pattern);
    intercepts_of(l, k);
    gradient_at(l, k);
    second_derivatives(l, k, exact, by_pattern);
    give(l, k, asked, at, wanted);
}

/* All points; returns 0 if there is no memory. */
static int evaluate_all(const Layout *l, const Asked *asked) {
    const size_t alignment = sizeof(lane);
    Work work;
    void *space = malloc(sizeof(lane) * lay_out(l, &work, NULL) + alignment);
    if (space == NULL) return 0;
    const uintptr_t from = ((uintptr_t)space + alignment - 1) / alignment * alignment;
    lay_out(l, &work, (lane *)from);
    for (int order = 1; order <= 2; order++) {
        int at[LANES], n = 0;
        for (int i = 0; i < asked->points; i++) {
            if (asked->order[i] == order) at[n++] = i;
            if (n == 0 || (n < LANES && i < asked->points - 1)) continue;
            for (; n < LANES; n++) at[n] = at[n - 1];
            evaluate_some(l, &work, asked, at, order == 2);
            n = 0;
        }
    }
    free(space);
    return 1;
}
