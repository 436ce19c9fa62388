/* What the gradient is made of, and the gradient. */
#pragma once

#include "criterion.h"

/* The first of the columns up to the diagonal that are needed of a row, and of some that follow. */
INLINE int first_of(const Layout *l, int m, int row, int full) {
    return full ? 0 : l->curved ? l->from[m * l->T + row] : row;
}

/* V^-1 of each pattern; the part of it that the gradient needs, or the lower triangle. */
static void invert_patterns(const Layout *l, Work *k, int full) {
    for (int m = 0; m < l->m; m++) {
        const int s = l->size[m], at = m * l->T * l->T;
        const lane *lower = k->lower + at;
        for (int a = 0, h; a < s; a += h) {
            h = related_height(l, m, a);
            const int first = first_of(l, m, a, full);
            product(SET, h, a + h - first, s - a, turned(lower + a * s + a, s),
                    by_row(lower + a * s + first, s), k->inverse + at + a * s + first, s);
        }
    }
}

/* w of each participant and, by pattern, the sums of ww'. */
static void weigh_rests(const Layout *l, Work *k, int full) {
    const int T = l->T;
    clear(k->ww, (size_t)l->m * T * T);
    for (int i = 0; i < l->n; i++) {
        const int m = l->pattern[i], s = l->size[m];
        lane *w = k->w + i * T, *ww = k->ww + m * T * T;
        whiten_back(s, k->lower + m * T * T, k->rest + i * T, w);
        for (int a = 0; a < s; a++)
            for (int c = first_of(l, m, a, full); c <= a; c++) ww[a * s + c] += w[a] * w[c];
    }
}

/* U of each carrier and, by pattern, the sums of UU'. */
static void weigh_x(const Layout *l, Work *k, int full) {
    const int T = l->T, p = l->p, few = 6;
    clear(k->uu, (size_t)l->m * T * T);
    for (int j = 0; j < l->r; j++) {
        const int m = l->pattern[l->carrier[j]], s = l->size[m];
        const lane *white = k->white + j * T * p, *lower = k->lower + m * T * T;
        lane *u = k->u + j * T * p, *uu = k->uu + m * T * T;
        for (int a = 0, h; a < s; a += h) {
            h = height(s - a);
            for (int z = 0; z < p; z += few) {
                const int width = p - z < few ? p - z : few;
                product(SET, h, width, z + width, by_row(white + a * p, p),
                        turned(k->gram_lower + z * p, p), k->tall + a * p + z, p);
            }
        }
        for (int a = 0, h; a < s; a += h) {
            h = height(s - a);
            product(SET, h, p, s - a, turned(lower + a * s + a, s), by_row(k->tall + a * p, p),
                    u + a * p, p);
        }
        for (int a = 0, h; a < s; a += h) {
            h = related_height(l, m, a);
            const int first = first_of(l, m, a, full);
            product(ADD, h, a + h - first, p, by_row(u + a * p, p), turned(u + first * p, p),
                    uu + a * s + first, s);
        }
    }
}

/* to (rows, q) = a matrix, (rows, s), times the indicators of the intercepts. */
INLINE void times_intercepts(const Layout *l, int m, int rows, Matrix a, lane *to) {
    for (int i = 0, h; i < rows; i += h) {
        h = height(rows - i);
        const Matrix some = {a.at + i * a.row, a.row, a.column};
        product_with(SET, h, l->q, l->size[m], some, l->f + m * l->T * l->q, l->q, to + i * l->q,
                     l->q);
    }
}

/* L^-1, U' and w' times the indicators of the intercepts. */
static void intercepts_of(const Layout *l, Work *k) {
    const int T = l->T, p = l->p, q = l->q;
    for (int m = 0; m < l->m; m++)
        times_intercepts(l, m, l->size[m], by_row(k->lower + m * T * T, l->size[m]),
                         k->reach + m * T * q);
    for (int j = 0; j < l->r; j++)
        times_intercepts(l, l->pattern[l->carrier[j]], p, turned(k->u + j * T * p, p),
                         k->u_sums + j * p * q);
    for (int i = 0; i < l->n; i++)
        times_intercepts(l, l->pattern[i], 1, by_row(k->w + i * T, T), k->w_sums + i * q);
}

/* Adds f times the squares of numbers of intercepts, (n, q), to the gradient. */
INLINE void add_squares(const Layout *l, int n, double f, const lane *numbers, lane *gradient) {
    const int q = l->q;
    for (int j = 0; j < q; j++) {
        lane sum = all(0.0), other = all(0.0); /* do not wait for one another */
        for (int i = j; i < n * q; i += 2 * q) {
            sum += numbers[i] * numbers[i];
            if (i + q < n * q) other += numbers[i + q] * numbers[i + q];
        }
        gradient[l->owner[j]] += f * (sum + other);
    }
}

/* Derivatives by the variances of the components. */
static void add_components(const Layout *l, Work *k) {
    const int T = l->T, p = l->p, q = l->q;
    for (int m = 0; m < l->m; m++)
        add_squares(l, l->size[m], l->counts[m], k->reach + m * T * q, k->gradient);
    add_squares(l, l->r * p, -1.0, k->u_sums, k->gradient);
    add_squares(l, l->n, -1.0, k->w_sums, k->gradient);
}

/* The gradient; derivatives by the covariances of related errors stay in `mass`, by class. */
static void gradient_at(const Layout *l, Work *k) {
    const int T = l->T;
    const lane *s = k->phi + l->k;
    lane *out = k->gradient;
    clear(out, l->K);
    clear(k->mass, l->C);
    add_components(l, k);
    for (int m = 0; m < l->m; m++) {
        const int size = l->size[m], at = m * T * T;
        for (int a = 0; a < size; a++) {
            const int g = l->k + l->group[m * T + a];
            for (int c = l->curved ? l->from[m * T + a] : a; c <= a; c++) {
                const int i = at + a * size + c;
                const lane own = l->counts[m] * k->inverse[i] - k->uu[i] - k->ww[i];
                if (l->curved)
                    k->mass[l->pair[at + a * T + c]] += a == c ? own : 2.0 * own;
                else
                    out[g] += own;
            }
        }
    }
    for (int c = 0; l->curved && c < l->C; c++) {
        const int g = l->one[c], h = l->other[c];
        if (g < 0) continue;
        out[l->k + g] += k->mass[c] * k->power[c] * s[h];
        out[l->k + h] += k->mass[c] * k->power[c] * s[g];
        out[l->K - 1] += k->mass[c] * k->slope[c];
    }
}
