/* Numbers of several points side by side, and sums of products of matrices of such. */
#pragma once

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define APART static __attribute__((noinline))

#define LANES 4 /* points at once */
typedef double lane __attribute__((vector_size(8 * LANES)));
typedef long long which __attribute__((vector_size(8 * LANES)));

INLINE lane all(double x) { return x - (lane){0.0}; }

INLINE lane choose(which w, lane a, lane b) {
    return (lane)((w & (which)a) | (~w & (which)b));
}

INLINE int any(which w) {
    long long found = 0;
    for (int x = 0; x < LANES; x++) found |= w[x];
    return found != 0;
}

INLINE lane inverse_root(lane a) {
    for (int x = 0; x < LANES; x++) a[x] = sqrt(a[x]);
    return 1.0 / a;
}

INLINE lane logarithm(lane a) {
    for (int x = 0; x < LANES; x++) a[x] = log(a[x]);
    return a;
}

INLINE void clear(lane *to, size_t n) { memset(to, 0, n * sizeof(lane)); }

INLINE lane dot(int n, const lane *a, const lane *b) {
    lane sum = all(0.0), other = all(0.0);
    for (int i = 0; i + 1 < n; i += 2) {
        sum += a[i] * b[i];
        other += a[i + 1] * b[i + 1];
    }
    return n % 2 ? sum + other + a[n - 1] * b[n - 1] : sum + other;
}

/* A matrix: its entry (i, j) is at[i row + j column]. */
typedef struct {
    const lane *at;
    int row, column;
} Matrix;

INLINE Matrix by_row(const lane *at, int row) { return (Matrix){at, row, 1}; }

/* The transpose of a matrix by row. */
INLINE Matrix turned(const lane *at, int row) { return (Matrix){at, 1, row}; }

INLINE Matrix vector(const lane *at) { return (Matrix){at, 1, 0}; }

typedef enum { SET, ADD, TAKE } Mode;

/* See `product`; sizes are known to the compiler, and as many sums stay in registers. */
INLINE void tile(const int I, const int J, Mode mode, int n, Matrix a, Matrix b, const double *x,
                 lane *c, int c_row) {
    lane sum[4][3];
    for (int i = 0; i < I; i++)
        for (int j = 0; j < J; j++) sum[i][j] = all(0.0);
    for (int k = 0; k < n; k++) {
        lane other[3];
        for (int j = 0; j < J; j++) {
            const int at = k * b.row + j * b.column;
            other[j] = x != NULL ? all(x[at]) : b.at[at];
        }
        for (int i = 0; i < I; i++) {
            const lane one = a.at[i * a.row + k * a.column];
            for (int j = 0; j < J; j++) sum[i][j] += one * other[j];
        }
    }
    for (int i = 0; i < I; i++)
        for (int j = 0; j < J; j++) {
            lane *to = c + i * c_row + j;
            *to = mode == SET ? sum[i][j] : mode == ADD ? *to + sum[i][j] : *to - sum[i][j];
        }
}

/* Columns by threes, and what is left of them. */
#define COLUMNS(I, X)                                                                              \
    for (; J >= 3; J -= 3, c += 3) {                                                               \
        tile(I, 3, mode, n, a, b, X, c, c_row);                                                    \
        NEXT(X);                                                                                   \
    }                                                                                              \
    if (J == 2) tile(I, 2, mode, n, a, b, X, c, c_row);                                            \
    if (J == 1) tile(I, 1, mode, n, a, b, X, c, c_row);                                            \
    return

#define ROWS(X)                                                                                    \
    switch (I) {                                                                                   \
    case 1: COLUMNS(1, X);                                                                         \
    case 2: COLUMNS(2, X);                                                                         \
    case 3: COLUMNS(3, X);                                                                         \
    case 4: COLUMNS(4, X);                                                                         \
    }

/* Up to four rows of c, (I x J) = a, (I x n), times b, (n x J); adds them or takes them away. */
#define NEXT(X) b.at += 3 * b.column
APART void product(Mode mode, int I, int J, int n, Matrix a, Matrix b, lane *c, int c_row) {
    ROWS(NULL)
}
#undef NEXT

/* The same with a matrix by row, so many numbers each, that is the same at all points. */
#define NEXT(X) X += 3
APART void product_with(Mode mode, int I, int J, int n, Matrix a, const double *x, int x_row,
                        lane *c, int c_row) {
    const Matrix b = {NULL, x_row, 1};
    ROWS(x)
}
#undef NEXT

/* How many of the rows that are left to take next: up to four, about as many each time. */
INLINE int height(int left) {
    const int times = (left + 3) / 4;
    return (left + times - 1) / times;
}
