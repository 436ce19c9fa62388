/* Cholesky factors and their inverses. */
#pragma once

#include "lanes.h"

#define WIDTH 3     /* rows or columns at once */
#define SMALL 1e-90 /* three pivots more are no trouble */
#define LARGE 1e90

/* The factor of some columns, from which those before have been taken away; see `factor`. */
INLINE which factor_columns(int n, int first, int last, lane *a, lane *scale, lane *pivots) {
    which sound = ~(which){0};
    for (int j = first; j < last; j++) {
        for (int k = first; k < j; k++)
            for (int i = j; i < n; i++) a[i * n + j] -= a[i * n + k] * a[j * n + k];
        const which positive = a[j * n + j] > 0.0;
        const lane pivot = choose(positive, a[j * n + j], all(1.0));
        sound &= positive;
        *pivots *= pivot;
        scale[j] = inverse_root(pivot);
        for (int i = j; i < n; i++) a[i * n + j] *= scale[j];
    }
    return sound;
}

/* Lower triangular L in place of the lower triangle of LL', (n, n), the inverses of its diagonal,
   (n), and log|LL'|, infinite where that is not positive definite: there L is of no use. */
APART void factor(int n, lane *a, lane *scale, lane *log_det) {
    which sound = ~(which){0};
    lane pivots = all(1.0), sum = all(0.0);
    for (int j = 0; j < n; j += WIDTH) {
        const int last = j + WIDTH < n ? j + WIDTH : n;
        for (int i = j, h; i < n; i += h) {
            h = height(n - i);
            product(TAKE, h, last - j, j, by_row(a + i * n, n), turned(a + j * n, n), a + i * n + j,
                    n);
        }
        sound &= factor_columns(n, j, last, a, scale, &pivots);
        if (any(pivots < SMALL) || any(pivots > LARGE)) {
            sum += logarithm(pivots);
            pivots = all(1.0);
        }
    }
    *log_det = choose(sound, sum + logarithm(pivots), all(INFINITY));
}

/* Inverse of a lower triangular matrix, (n, n), with zeros above its diagonal. */
APART void invert(int n, const lane *lower, const lane *scale, lane *to) {
    for (int first = 0; first < n; first += WIDTH) {
        const int rows = n - first < WIDTH ? n - first : WIDTH;
        for (int c = 0; c < first; c += WIDTH)
            product(SET, rows, WIDTH, first - c, by_row(lower + first * n + c, n),
                    by_row(to + c * n + c, n), to + first * n + c, n);
        for (int i = first; i < first + rows; i++) {
            lane *row = to + i * n;
            clear(row + first, n - first);
            for (int k = first; k < i; k++)
                for (int c = 0; c <= k; c++) row[c] += lower[i * n + k] * to[k * n + c];
            for (int c = 0; c < i; c++) row[c] *= -scale[i];
            row[i] = scale[i];
        }
    }
}
