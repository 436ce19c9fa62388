/* What the gradient is made of, and the gradient. */
#pragma once

#include "layout.h"

/* V^-1 and the sums of UU' and ww' of each pattern, U and w. */
INLINE void weigh(const Layout *l, Work *k) {
    const int T = l->T, p = l->p, square = T * T;
    for (int m = 0; m < l->m; m++) {
        const double *up = k->up + m * square;
        double *down = k->down + m * square, *inverse = k->inverse + m * square;
        transpose(T, T, up, down);
        for (int a = 0; a < T; a += 4)
            set_four_rows(a + 4, T - a, up + a * T + a, T, 1, down + a * T, T, inverse + a * T, T);
        mirror(T, inverse);
    }
    clear(k->uu, (size_t)l->m * square);
    clear(k->ww, (size_t)l->m * square);
    for (int i = 0; i < l->n; i++) {
        const int m = l->pattern[i];
        double *w = k->w + i * T;
        set_row(T, T, k->rest + i * T, k->down + m * square, T, w);
        for (int a = 0; a < T; a++) add_times(T, w[a], w, k->ww + m * square + a * T);
    }
    for (int j = 0; j < l->r; j++) {
        const int m = l->pattern[l->carrier[j]];
        const double *white = k->white + j * T * p, *up = k->up + m * square;
        double *u = k->u + j * T * p;
        for (int a = 0; a < T; a += 4)
            for (int z = 0; z < p; z += 8)
                set_four_rows(p - z < 8 ? p - z : 8, p - z < 8 ? p : z + 8, white + a * p, p, 1,
                              k->gram_inverse + z, p, k->tall + a * p + z, p);
        for (int a = 0; a < T; a += 4)
            set_four_rows(p, T - a, up + a * T + a, T, 1, k->tall + a * p, p, u + a * p, p);
        transpose(T, p, u, k->wide);
        for (int a = 0; a < T; a += 4)
            add_four_rows(a + 4, p, u + a * p, p, 1, k->wide, T, k->uu + m * square + a * T, T);
    }
    for (int m = 0; m < l->m; m++) mirror(T, k->uu + m * square);
}

/* Derivative of the criterion by the covariance of each class. Neighbours are often of one class;
   four sums of each do not wait for one another. */
INLINE void weights_by_class(const Layout *l, const Work *k) {
    const int T = l->T, C = l->C, square = T * T;
    double *mass = k->mass;
    clear(mass, (size_t)4 * C);
    for (int m = 0; m < l->m; m++) {
        const double *inverse = k->inverse + m * square, *uu = k->uu + m * square;
        const double *ww = k->ww + m * square;
        const int *pair = l->pair + m * square;
        for (int a = 0; a < T; a++)
            for (int c = 0; c <= a; c++) {
                const int i = a * T + c;
                const double own = l->counts[m] * inverse[i] - uu[i] - ww[i];
                mass[(c & 3) * C + pair[i]] += a == c ? own : 2.0 * own;
            }
    }
    for (int i = 1; i < 4; i++) add_times(C, 1.0, mass + i * C, mass);
}

/* From the derivatives by class those by the parameters. */
INLINE void gradient_at(const Layout *l, const Work *k, const double *phi, double *out) {
    const double *s = phi + l->k;
    const int linear = l->curved ? l->k : l->K;
    clear(out, l->K);
    for (int i = 0; i < linear; i++) out[i] = dot(l->C, l->linear + i * l->C, k->mass);
    for (int c = 0; l->curved && c < l->C; c++) {
        const int g = l->one[c], h = l->other[c];
        if (g < 0) continue;
        out[l->k + g] += k->mass[c] * k->power[c] * s[h];
        out[l->k + h] += k->mass[c] * k->power[c] * s[g];
        out[l->K - 1] += k->mass[c] * k->slope[c];
    }
}
