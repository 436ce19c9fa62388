/* The restricted likelihood of a residual-structure model and its derivatives, at many points.

What `point.py` does in numpy, one point after the other, with everything in the processor's cache.
The formulas, symbols and names are those of `point.py`, `slopes.py` and `participants.py`; see
there. The search for minima uses it where it has been compiled (`compiled.py`); estimates,
certificates and standard errors do not: they are numpy's.

Matrices are by row. T, p and q are multiples of four: rows of padding are independent of all others,
with variance one and nothing in X and y; columns of padding have nothing in X; intercepts of padding
belong to no row. V = R'R with R upper triangular; whitening is multiplication by R'^-1. */

#include <stdlib.h>

#include "average.h"
#include "criterion.h"
#include "gradient.h"
#include "sandwiches.h"
#include "traces.h"

/* Several versions of the code for several generations of processors, chosen when loaded. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define VERSIONS __attribute__((flatten, target_clones("default", "arch=x86-64-v3")))
#else
#define VERSIONS
#endif
#define EXPORT __attribute__((visibility("default")))

/* Changes with the interface; `compiled.py` uses no other. */
EXPORT int kernel_version(void) { return 2; }

/* Adds what the curvature of V adds to the Hessian. */
INLINE void add_curvature(const Layout *l, const Work *k, const double *phi, double *out) {
    const double *s = phi + l->k;
    const int K = l->K, last = K - 1;
    double *by_rho = out + last * K;
    for (int c = 0; c < l->C; c++) {
        const int g = l->one[c], h = l->other[c], d = l->lag[c], a = l->k + g, b = l->k + h;
        if (g < 0) continue;
        const double along = d > 0 ? k->mass[c] * d * k->powers[d - 1] : 0.0;
        out[a * K + b] += k->mass[c] * k->power[c];
        out[b * K + a] += k->mass[c] * k->power[c];
        by_rho[a] += along * s[h];
        by_rho[b] += along * s[g];
        if (d > 1) by_rho[last] += k->mass[c] * s[g] * s[h] * d * (d - 1) * k->powers[d - 2];
    }
    for (int i = l->k; i < last; i++) out[i * K + last] = by_rho[i];
}

/* Average information, or the Hessian. */
INLINE void second_derivatives(const Layout *l, Work *k, const double *phi, int exact, double *out) {
    const int T = l->T, p = l->p, square = T * T, K = l->K;
    const double *deviation = phi + l->k;
    clear(out, (size_t)K * K);
    clear(k->with_w, (size_t)K * p);
    if (exact) clear(k->sandwich, (size_t)K * p * p);
    const int one_by_one = !exact && l->n < 2 * l->m;
    if (one_by_one) average_one_by_one(l, k, deviation, out);
    int carrier = 0;
    for (int m = 0; m < l->m && !one_by_one; m++) {
        const double *inverse = k->inverse + m * square, *uu = k->uu + m * square;
        const double *ww = k->ww + m * square;
        if (l->curved) slopes_of(l, k, m, deviation);
        for (int i = 0; i < square; i++)
            k->b[i] = exact ? 2.0 * (ww[i] + uu[i]) - l->counts[m] * inverse[i] : ww[i];
        times_intercepts(l, k, m, inverse, k->af);
        times_intercepts(l, k, m, k->b, k->bf);
        add_component_traces(l, k, m, K, out);
        if (l->curved)
            add_deviation_traces(l, k, m, K, inverse, k->b, out);
        else
            add_variance_traces(l, k, l->group + m * T, K, inverse, k->b, out);
        for (; carrier < l->r && l->pattern[l->carrier[carrier]] == m; carrier++)
            add_sandwiches(l, k, carrier, K, exact);
    }
    if (exact) {
        group_sandwiches(l, k, K);
        add_products(K, p * p, -1.0, k->sandwich, out);
    }
    add_products(K, p, exact ? -2.0 : -1.0, k->with_w, out);
    for (int i = 0; i < K; i++)
        for (int j = i + 1; j < K; j++) out[j * K + i] = out[i * K + j];
    if (exact && l->curved) add_curvature(l, k, phi, out);
}

/* The criterion at points, (points, K), for the responses `of` those given, (n, T) each; where it is
   not above `ceiling`, the gradient and, as `order` says, the average information (1) or the Hessian
   (2). Returns 0 if there is no memory. */
EXPORT VERSIONS int evaluate(const Layout *l, int points, const double *phi, const double *y,
                             const double *ceiling, const int *of, const int *order,
                             double *criterion, double *gradient, double *second) {
    Work work;
    const size_t K = l->K, rows = l->n * l->T;
    double *space = malloc(sizeof(double) * lay_out(l, &work, NULL));
    if (space == NULL) return 0;
    lay_out(l, &work, space);
    for (size_t i = 0; i < (size_t)points; i++, phi += K) {
        by_class(l, &work, phi);
        criterion[i] = criterion_at(l, &work, y + of[i] * rows);
        if (!(criterion[i] <= ceiling[i]) || !isfinite(criterion[i])) continue;
        weigh(l, &work);
        weights_by_class(l, &work);
        gradient_at(l, &work, phi, gradient + i * K);
        second_derivatives(l, &work, phi, order[i] == 2, second + i * K * K);
    }
    free(space);
    return 1;
}
