/* Products and factors of small matrices. They are by row; sizes are multiples of four unless it is
   said otherwise. Everything is made part of `evaluate`, which is compiled for several generations
   of processors. */
#pragma once

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

typedef double four __attribute__((vector_size(32)));
typedef double loose_four __attribute__((vector_size(32), aligned(8), may_alias));
#define AT(p) (*(loose_four *)(p))
static const four NOTHING = {0.0, 0.0, 0.0, 0.0};

/* c (4 x 4 f) = a (4 x k) times b (k x 4 f), or += if `more`; rows and columns of a are `row` and
   `column` apart. */
#define BLOCK(f)                                                                                   \
    do {                                                                                           \
        four sum[4][f];                                                                            \
        for (int x = 0; x < 4; x++)                                                                \
            for (int z = 0; z < f; z++) sum[x][z] = more ? (four)AT(c + x * n_c + 4 * z) : NOTHING; \
        for (int j = 0; j < k; j++) {                                                              \
            four other[f];                                                                         \
            for (int z = 0; z < f; z++) other[z] = AT(b + j * n_b + 4 * z);                        \
            for (int x = 0; x < 4; x++) {                                                          \
                const double one = a[x * row + j * column];                                        \
                for (int z = 0; z < f; z++) sum[x][z] += one * other[z];                           \
            }                                                                                      \
        }                                                                                          \
        for (int x = 0; x < 4; x++)                                                                \
            for (int z = 0; z < f; z++) AT(c + x * n_c + 4 * z) = sum[x][z];                       \
    } while (0)

INLINE void four_rows(int more, int n, int k, const double *a, int row, int column,
                      const double *b, int n_b, double *c, int n_c) {
    for (; n >= 12 && n != 16; n -= 12, b += 12, c += 12) BLOCK(3);
    for (; n >= 8; n -= 8, b += 8, c += 8) BLOCK(2);
    if (n) BLOCK(1);
}

/* c (4 x n) = or += a (4 x k) times b (k x n); n is a multiple of four. */
INLINE void set_four_rows(int n, int k, const double *a, int row, int column, const double *b,
                          int n_b, double *c, int n_c) {
    four_rows(0, n, k, a, row, column, b, n_b, c, n_c);
}

INLINE void add_four_rows(int n, int k, const double *a, int row, int column, const double *b,
                          int n_b, double *c, int n_c) {
    four_rows(1, n, k, a, row, column, b, n_b, c, n_c);
}

INLINE void one_row(int more, int n, int k, const double *a, const double *b, int n_b, double *c) {
    for (; n >= 16; n -= 16, b += 16, c += 16) {
        four s0 = NOTHING, s1 = NOTHING, s2 = NOTHING, s3 = NOTHING;
        if (more) s0 = AT(c), s1 = AT(c + 4), s2 = AT(c + 8), s3 = AT(c + 12);
        for (int j = 0; j < k; j++) {
            const double *row = b + j * n_b;
            s0 += a[j] * AT(row);
            s1 += a[j] * AT(row + 4);
            s2 += a[j] * AT(row + 8);
            s3 += a[j] * AT(row + 12);
        }
        AT(c) = s0;
        AT(c + 4) = s1;
        AT(c + 8) = s2;
        AT(c + 12) = s3;
    }
    for (; n > 0; n -= 4, b += 4, c += 4) {
        four sum = more ? (four)AT(c) : NOTHING;
        for (int j = 0; j < k; j++) sum += a[j] * AT(b + j * n_b);
        AT(c) = sum;
    }
}

/* c (1 x n) = or += a (1 x k) times b (k x n); n is a multiple of four. */
INLINE void set_row(int n, int k, const double *a, const double *b, int n_b, double *c) {
    one_row(0, n, k, a, b, n_b, c);
}

INLINE void add_row(int n, int k, const double *a, const double *b, int n_b, double *c) {
    one_row(1, n, k, a, b, n_b, c);
}

INLINE int fours(int size) { return (size + 3) / 4 * 4; }

INLINE void clear(double *to, size_t n) { memset(to, 0, n * sizeof(double)); }

INLINE double dot(int n, const double *a, const double *b) {
    four sum = {0.0, 0.0, 0.0, 0.0};
    for (int i = 0; i < n; i += 4) sum += AT(a + i) * AT(b + i);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* to (1 x n) += f times from */
INLINE void add_times(int n, double f, const double *from, double *to) {
    for (int i = 0; i < n; i += 4) AT(to + i) += f * AT(from + i);
}

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define SHUFFLE __builtin_shufflevector
#endif
#endif

/* Both numbers are multiples of four. */
INLINE void transpose(int rows, int columns, const double *from, double *restrict to) {
#ifdef SHUFFLE
    for (int a = 0; a < rows; a += 4)
        for (int c = 0; c < columns; c += 4) {
            const double *in = from + a * columns + c;
            double *out = to + c * rows + a;
            const four r0 = AT(in), r1 = AT(in + columns);
            const four r2 = AT(in + 2 * columns), r3 = AT(in + 3 * columns);
            const four t0 = SHUFFLE(r0, r1, 0, 4, 2, 6), t1 = SHUFFLE(r0, r1, 1, 5, 3, 7);
            const four t2 = SHUFFLE(r2, r3, 0, 4, 2, 6), t3 = SHUFFLE(r2, r3, 1, 5, 3, 7);
            AT(out) = SHUFFLE(t0, t2, 0, 1, 4, 5);
            AT(out + rows) = SHUFFLE(t1, t3, 0, 1, 4, 5);
            AT(out + 2 * rows) = SHUFFLE(t0, t2, 2, 3, 6, 7);
            AT(out + 3 * rows) = SHUFFLE(t1, t3, 2, 3, 6, 7);
        }
#else
    for (int a = 0; a < rows; a++)
        for (int c = 0; c < columns; c++) to[c * rows + a] = from[a * columns + c];
#endif
}

/* Lower triangle onto the upper one. */
INLINE void mirror(int n, double *a) {
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) a[i * n + j] = a[j * n + i];
}

/* Sum of logarithms, of numbers so far apart. */
INLINE double log_product(int n, const double *numbers, int apart) {
    double product = 1.0, sum = 0.0;
    for (int i = 0; i < n; i++) {
        product *= numbers[i * apart];
        if (product < 1e-200 || product > 1e200) {
            sum += log(product);
            product = 1.0;
        }
    }
    return sum + log(product);
}

/* c = or -= the sum over j of a[j] b[j], for four neighbours of four matrices each; so many numbers
   apart. */
INLINE void four_sums(int minus, int k, const double *a, int n_a, const double *b, int n_b,
                      double *c) {
    four s0 = NOTHING, s1 = NOTHING, s2 = NOTHING, s3 = NOTHING;
    for (int j = 0; j < k; j++) {
        const four f = AT(a + j * n_a);
        const double *other = b + j * n_b;
        s0 += f * AT(other);
        s1 += f * AT(other + 4);
        s2 += f * AT(other + 8);
        s3 += f * AT(other + 12);
    }
    if (minus) s0 = AT(c) - s0, s1 = AT(c + 4) - s1, s2 = AT(c + 8) - s2, s3 = AT(c + 12) - s3;
    AT(c) = s0;
    AT(c + 4) = s1;
    AT(c + 8) = s2;
    AT(c + 12) = s3;
}

/* Upper triangular R in place of the upper triangle of R'R of four matrices, (n, n, 4), and the
   squares of its diagonals, (n, 4); below the diagonals is nothing of use. Returns whether they are
   positive definite. */
INLINE int factor(int n, double *a, double *pivots) {
    for (int i = 0; i < n; i++) {
        const int start = i & ~3;
        double *row = a + 4 * i * n;
        for (int l = start; l < n; l += 4)
            four_sums(1, i, a + 4 * i, 4 * n, a + 4 * l, 4 * n, row + 4 * l);
        const four pivot = AT(row + 4 * i);
        four scale;
        for (int x = 0; x < 4; x++) {
            if (!(pivot[x] > 0.0)) return 0;
            scale[x] = 1.0 / sqrt(pivot[x]);
        }
        AT(pivots + 4 * i) = pivot;
        for (int l = start; l < n; l++) AT(row + 4 * l) *= scale;
    }
    return 1;
}

/* Inverses of four upper triangular matrices, (n, n, 4), with zeros below their diagonals. */
INLINE void invert(int n, const double *r, double *to) {
    for (int i = n - 1; i >= 0; i--) {
        const double *own = r + 4 * i * n;
        double *row = to + 4 * i * n;
        const int start = i & ~3;
        const four scale = 1.0 / AT(own + 4 * i);
        for (int l = start; l < n; l += 4) {
            const int last = l + 4 < n ? l + 4 : n;
            four_sums(0, last - i - 1, own + 4 * (i + 1), 4, to + 4 * ((i + 1) * n + l), 4 * n,
                      row + 4 * l);
        }
        for (int l = i + 1; l < n; l++) AT(row + 4 * l) *= -scale;
        AT(row + 4 * i) = scale;
        clear(row, (size_t)4 * i);
    }
}

/* to (T x n) = a (T x T) times b (T x n), where row i of a is zero outside from[i] to until[i]. */
INLINE void related_times(int T, const int *from, const int *until, int n, const double *a,
                          const double *b, double *to) {
    for (int i = 0; i < T; i += 4) {
        int first = T, last = 0;
        for (int x = i; x < i + 4; x++) {
            if (from[x] >= until[x]) continue;
            if (from[x] < first) first = from[x];
            if (until[x] > last) last = until[x];
        }
        const int span = last > first ? last - first : 0;
        if (span == 0) first = 0;
        set_four_rows(n, span, a + i * T + first, T, 1, b + first * n, n, to + i * n, n);
    }
}

/* to (p x p) += left' right, (rows, p) each */
INLINE void add_product(int p, int rows, const double *left, const double *right, double *to) {
    for (int i = 0; i < p; i += 4) add_four_rows(p, rows, left + i, 1, p, right, p, to + i * p, p);
}

/* Adds f times the products of the rows of a, (K, n), to the upper triangle of out, (K, K). */
INLINE void add_products(int K, int n, double f, const double *a, double *out) {
    for (int i = 0; i < K; i += 2)
        for (int j = i; j < K; j += 3) {
            const int two = i + 1 < K, others = K - j < 3 ? K - j : 3;
            const double *a0 = a + i * n, *a1 = two ? a0 + n : a0, *b0 = a + j * n;
            const double *b1 = others > 1 ? b0 + n : b0, *b2 = others > 2 ? b1 + n : b0;
            four s[2][3];
            memset(s, 0, sizeof s);
            for (int x = 0; x < n; x += 4) {
                const four one = AT(a0 + x), other = AT(a1 + x);
                s[0][0] += one * AT(b0 + x);
                s[0][1] += one * AT(b1 + x);
                s[0][2] += one * AT(b2 + x);
                s[1][0] += other * AT(b0 + x);
                s[1][1] += other * AT(b1 + x);
                s[1][2] += other * AT(b2 + x);
            }
            for (int x = 0; x <= two; x++)
                for (int z = 0; z < others; z++) {
                    const four v = s[x][z];
                    out[(i + x) * K + j + z] += f * ((v[0] + v[1]) + (v[2] + v[3]));
                }
        }
}
