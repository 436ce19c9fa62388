/* G_k of a pattern: derivatives of V by the standard deviations and the correlation. */
#pragma once

#include "gradient.h"

/* Y, where G_g = Y_g + Y_g' has the rows of group g of Y, and the derivative of V by rho, E. */
INLINE void slopes_of(const Layout *l, Work *k, int m) {
    const int T = l->T, s = l->size[m];
    const lane *deviation = k->phi + l->k;
    clear(k->y, (size_t)s * s);
    clear(k->dense, (size_t)s * s);
    for (int a = 0; a < s; a++)
        for (int c = l->from[m * T + a]; c < l->to[m * T + a]; c++) {
            const int class = l->pair[(m * T + a) * T + c];
            k->y[a * s + c] = k->power[class] * deviation[l->group[m * T + c]];
            k->dense[a * s + c] = k->slope[class];
        }
}

/* Y w and E w of a row. */
INLINE void row_times(const Layout *l, const Work *k, int m, int row, const lane *w, lane *yw,
                      lane *ew) {
    const int at = m * l->T + row, s = l->size[m];
    *yw = *ew = all(0.0);
    for (int c = l->from[at]; c < l->to[at]; c++) {
        *yw += k->y[row * s + c] * w[c];
        *ew += k->dense[row * s + c] * w[c];
    }
}

/* to (s, n) = Y or E, which are zero between rows that are not related, times a matrix, (s, n). Of
   each row the first n columns; if `lower`, those up to the diagonal. */
INLINE void related_times(const Layout *l, int m, int n, int lower, const lane *slopes, Matrix b,
                          lane *to, int to_row) {
    const int s = l->size[m];
    for (int a = 0, h; a < s; a += h) {
        h = related_height(l, m, a);
        const int first = l->from[m * l->T + a], last = l->to[m * l->T + a];
        b.at += first * b.row;
        product(SET, h, lower ? a + h : n, last - first, by_row(slopes + a * s + first, s), b,
                to + a * to_row, to_row);
        b.at -= first * b.row;
    }
}
