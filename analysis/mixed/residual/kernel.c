/* The restricted likelihood of a residual-structure model and its derivatives, at many points.

What `point.py` does in numpy, one point after the other, with everything in the processor's cache.
The formulas, symbols and names are those of `point.py`, `slopes.py` and `participants.py`; see
there. The search for minima uses it where it has been compiled (`compiled.py`); estimates,
certificates and standard errors do not: they are numpy's.

Matrices are by row. T, p and q are multiples of four: rows of padding are independent of all others,
with variance one and nothing in X and y; columns of padding have nothing in X; intercepts of
padding belong to no row. V = R'R with R upper
triangular; whitening is multiplication by R'^-1. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Several versions of the code for several generations of processors, chosen when loaded. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define VERSIONS __attribute__((flatten, target_clones("default", "arch=x86-64-v3")))
#else
#define VERSIONS
#endif
#define INLINE static inline __attribute__((always_inline))
#define EXPORT __attribute__((visibility("default")))

typedef double four __attribute__((vector_size(32)));
typedef double loose_four __attribute__((vector_size(32), aligned(8), may_alias));
#define AT(p) (*(loose_four *)(p))
static const four NOTHING = {0.0, 0.0, 0.0, 0.0};

/* Changes with the interface; `compiled.py` uses no other. */
EXPORT int kernel_version(void) { return 2; }

/* n participants with at most T rows, in m patterns; C classes of pairs, a multiple of four with
   those of padding; r participants carry X, p columns of which `real` are not padding; G variance
   groups, q intercepts of k components. K parameters: of the components, of the groups, and, if the
   law is curved, the correlation. */
typedef struct {
    int m, T, C, n, r, p, real, G, q, k, curved;
    int K, lags, alone;     /* lags from 0 to lags - 1; class of a row of padding with itself */
    const int *pair;        /* (m, T, T)  class of each pair of rows */
    const int *pattern;     /* (n)        ascending */
    const int *carrier;     /* (r)        participants with X, ascending */
    const int *group;       /* (m, T)     variance group of a row, -1 for none */
    const int *from, *to;   /* (m, T)     rows whose errors are related to those of a row */
    const int *column;      /* (k, m, T)  intercept of a row, -1 for none */
    const int *owner;       /* (q)        component of an intercept, -1 for padding */
    const int *order;       /* (r T)      rows of the participants with X by variance group */
    const int *begin;       /* (G + 1)    where each group begins among these */
    const int *one, *other; /* (C)        groups of the two rows of a class, -1 if unrelated */
    const int *lag;         /* (C)        visits between them */
    const double *counts;   /* (m)        participants of a pattern */
    const double *x;        /* (r, T, p) */
    const double *linear;   /* (K, C)     coefficients of the parameters, none of the curved part */
} Layout;

typedef struct {
    double *value, *power, *slope, *mass;            /* (C), the last four times: see `by_class` */
    double *powers;                                  /* (lags): of the correlation */
    double *root, *inverted, *pivots;                /* (T, T, 4) or (p, p, 4): R, R^-1; (T, 4) */
    double *up, *down, *inverse, *uu, *ww;           /* (m, T, T): R^-1, R'^-1, V^-1, sums */
    double *white, *u, *v, *e;                       /* (r, T, p): R'^-1 X, U, Y U, E U */
    double *gram, *gram_inverse;                     /* (p, p) */
    double *along, *coefficients;                    /* (p) */
    double *rest, *w;                                /* (n, T) */
    double *wide, *tall;                             /* (p, T) and (T, p) */
    double *y, *dense, *b;                           /* (T, T): Y, derivative by rho: E, B */
    double *ya, *yb, *ay, *by, *yay, *yby;           /* (T, T): products with A and B */
    double *ea, *eb, *ae, *be, *cross;               /* (T, T) */
    double *af, *bf, *yaf, *ybf, *by_intercept;      /* (T, q), and (q, T) */
    double *sums, *w_sums;                           /* (q, p) or two of (q, q), and (q) */
    double *left, *right;                            /* (r T, p): rows of a variance group */
    double *sandwich;                                /* (K, p, p) */
    double *with_w;                                  /* (K, p) */
    double *moved, *whitened;                        /* (K, T): G_k w, and whitened */
    double *stack, *sum;                             /* (n T, K): all of them, and (K, K) */
} Work;

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

/* sum_i U_i' G_k w_i, (K, p), of carrier j; Y U and E U of it stay in the work space; adds
   U_i' G_k U_i of the components k. */
INLINE void add_sandwiches(const Layout *l, Work *k, int j, int K, int exact) {
    const int T = l->T, p = l->p, q = l->q, m = l->pattern[l->carrier[j]];
    const int *group = l->group + m * T, *from = l->from + m * T, *until = l->to + m * T;
    const double *u = k->u + j * T * p, *w = k->w + l->carrier[j] * T;
    double *v = k->v + j * T * p, *e = k->e + j * T * p;
    clear(k->sums, (size_t)q * p);
    clear(k->w_sums, q);
    for (int c = 0; c < l->k; c++)
        for (int a = 0; a < T; a++) {
            const int i = l->column[(c * l->m + m) * T + a];
            if (i < 0) continue;
            k->w_sums[i] += w[a];
            add_times(p, 1.0, u + a * p, k->sums + i * p);
        }
    for (int i = 0; i < q; i++) {
        const int own = l->owner[i];
        if (own < 0) continue;
        add_times(p, k->w_sums[i], k->sums + i * p, k->with_w + own * p);
        if (exact)
            for (int x = 0; x < p; x++)
                add_times(p, k->sums[i * p + x], k->sums + i * p, k->sandwich + (own * p + x) * p);
    }
    if (l->curved) {
        related_times(T, from, until, p, k->y, u, v);
        if (exact) related_times(T, from, until, p, k->dense, u, e);
    }
    for (int a = 0; a < T; a++) {
        if (group[a] < 0) continue;
        double *with_w = k->with_w + (l->k + group[a]) * p;
        if (!l->curved) {
            add_times(p, w[a], u + a * p, with_w);
            continue;
        }
        double yw = 0.0, ew = 0.0;
        for (int c = from[a]; c < until[a]; c++) {
            yw += k->y[a * T + c] * w[c];
            ew += k->dense[a * T + c] * w[c];
        }
        add_times(p, yw, u + a * p, with_w);
        add_times(p, w[a], v + a * p, with_w);
        add_times(p, ew, u + a * p, k->with_w + (K - 1) * p);
    }
}

/* to (p x p) += left' right, (rows, p) each */
INLINE void add_product(int p, int rows, const double *left, const double *right, double *to) {
    for (int i = 0; i < p; i += 4) add_four_rows(p, rows, left + i, 1, p, right, p, to + i * p, p);
}

/* sum_i U_i' G_k U_i of the variance groups and of the correlation. */
INLINE void group_sandwiches(const Layout *l, Work *k, int K) {
    const int p = l->p, square = p * p;
    for (int g = 0; g < l->G; g++) {
        const int n = l->begin[g + 1] - l->begin[g], *order = l->order + l->begin[g];
        double *own = k->sandwich + (l->k + g) * square;
        for (int i = 0; i < n; i++) {
            memcpy(k->left + i * p, k->u + order[i] * p, sizeof(double) * p);
            if (l->curved) memcpy(k->right + i * p, k->v + order[i] * p, sizeof(double) * p);
        }
        add_product(p, n, k->left, l->curved ? k->right : k->left, own);
        if (!l->curved) continue;
        for (int i = 0; i < p; i++)
            for (int j = 0; j <= i; j++)
                own[i * p + j] = own[j * p + i] = own[i * p + j] + own[j * p + i];
    }
    if (l->curved) add_product(p, l->r * l->T, k->u, k->e, k->sandwich + (K - 1) * square);
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

/* G_k w of one participant, (K, T). */
INLINE void moved_of(const Layout *l, Work *k, int m, int K, const double *w, double *moved) {
    const int T = l->T;
    const int *group = l->group + m * T, *from = l->from + m * T, *until = l->to + m * T;
    clear(moved, (size_t)K * T);
    clear(k->w_sums, l->q);
    for (int c = 0; c < l->k; c++) {
        const int *column = l->column + (c * l->m + m) * T;
        for (int a = 0; a < T; a++)
            if (column[a] >= 0) k->w_sums[column[a]] += w[a];
        for (int a = 0; a < T; a++)
            if (column[a] >= 0) moved[c * T + a] = k->w_sums[column[a]];
    }
    for (int a = 0; a < T; a++) {
        if (group[a] < 0) continue;
        double *own = moved + (l->k + group[a]) * T;
        if (!l->curved) {
            own[a] += w[a];
            continue;
        }
        double yw = 0.0, ew = 0.0;
        for (int c = from[a]; c < until[a]; c++) {
            yw += k->y[a * T + c] * w[c];
            ew += k->dense[a * T + c] * w[c];
            own[c] += k->y[a * T + c] * w[a];
        }
        own[a] += yw;
        moved[(K - 1) * T + a] += ew;
    }
}

/* Whitened G_k w of a participant, one below the other's, and U'G_k w if it carries X. */
INLINE void add_average(const Layout *l, Work *k, int i, int carrier) {
    const int T = l->T, p = l->p, K = l->K, wide = fours(K), m = l->pattern[i];
    const double *up = k->up + m * T * T;
    moved_of(l, k, m, K, k->w + i * T, k->moved);
    const double *u = carrier < 0 ? NULL : k->u + carrier * T * p;
    clear(k->whitened, (size_t)wide * T); /* whitening leaves what is before the first as it is */
    for (int c = 0; c < K; c++) {
        const double *moved = k->moved + c * T;
        int first = 0, last = T; /* most are zero outside a unit */
        while (first < T && moved[first] == 0.0) first++;
        while (last > first && moved[last - 1] == 0.0) last--;
        const int from = first & ~3;
        moved += first;
        set_row(T - from, last - first, moved, up + first * T + from, T, k->whitened + c * T + from);
        if (u != NULL) add_row(p, last - first, moved, u + first * p, p, k->with_w + c * p);
    }
    transpose(wide, T, k->whitened, k->stack + i * T * wide);
}

/* Sum of w'G_k V^-1 G_l w by participants, where hardly any of them share a pattern. */
INLINE void average_one_by_one(const Layout *l, Work *k, const double *deviation, double *out) {
    const int K = l->K, wide = fours(K), rows = l->n * l->T;
    int carrier = 0, slopes = -1;
    for (int i = 0; i < l->n; i++) {
        const int m = l->pattern[i], carries = carrier < l->r && l->carrier[carrier] == i;
        if (l->curved && m != slopes) slopes_of(l, k, m, deviation);
        slopes = m;
        add_average(l, k, i, carries ? carrier : -1);
        carrier += carries;
    }
    for (int i = 0; i < wide; i += 4)
        set_four_rows(wide - i, rows, k->stack + i, 1, wide, k->stack + i, wide,
                      k->sum + i * wide + i, wide);
    for (int i = 0; i < K; i++) memcpy(out + i * K + i, k->sum + i * wide + i, sizeof(double) * (K - i));
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

/* Hands the work space out, if there is any; returns how many numbers it holds. */
static size_t lay_out(const Layout *l, Work *k, double *space) {
    const size_t T = l->T, p = l->p, q = l->q, C = l->C, K = l->K, wide = fours(K), rows = l->r * T;
    const size_t square = T * T, all = l->n * T, patterns = l->m * square, gram = p * p;
    const size_t larger = T > p ? T : p;
    const size_t few = 2 * q * q > q * p ? 2 * q * q : q * p;
    const struct {
        double **place;
        size_t size;
    } parts[] = {
        {&k->root, 4 * larger * larger}, {&k->inverted, 4 * larger * larger},
        {&k->pivots, 4 * larger}, {&k->up, fours(l->m) * square}, {&k->down, patterns},
        {&k->inverse, patterns}, {&k->uu, patterns},   {&k->ww, patterns},
        {&k->white, rows * p}, {&k->u, rows * p},      {&k->v, rows * p},
        {&k->e, rows * p},     {&k->left, rows * p},   {&k->right, rows * p},
        {&k->gram, gram},      {&k->gram_inverse, gram}, {&k->along, p},
        {&k->coefficients, p}, {&k->rest, all},        {&k->w, all},
        {&k->wide, T * p},     {&k->tall, T * p},      {&k->y, square},
        {&k->dense, square},   {&k->b, square},        {&k->ya, square},
        {&k->yb, square},      {&k->ay, square},       {&k->by, square},
        {&k->yay, square},     {&k->yby, square},      {&k->ea, square},
        {&k->eb, square},      {&k->ae, square},       {&k->be, square},
        {&k->cross, square},   {&k->af, T * q},        {&k->bf, T * q},
        {&k->yaf, T * q},      {&k->ybf, T * q},       {&k->by_intercept, T * q},
        {&k->sums, few},       {&k->w_sums, q},        {&k->with_w, K * p},
        {&k->sandwich, K * gram}, {&k->moved, K * T},  {&k->whitened, wide * T},
        {&k->stack, all * wide}, {&k->sum, wide * wide}, {&k->value, C},
        {&k->power, C},        {&k->slope, C},         {&k->mass, 4 * C},
        {&k->powers, l->lags},
    };
    size_t used = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (space != NULL) *parts[i].place = space + used;
        used += (parts[i].size + 7) / 8 * 8;
    }
    return used;
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
