/* U'G_k w and U'G_k U, summed over participants. */
#pragma once

#include "slopes.h"

/* Adds sum_i U_i'G_k w_i of a carrier; Y U and, if asked, E U of it stay in the work space. */
static void add_with_w(const Layout *l, Work *k, int j, int exact) {
    const int T = l->T, p = l->p, q = l->q, K = l->K, i = l->carrier[j];
    const int m = l->pattern[i], s = l->size[m], *group = l->group + m * T;
    const lane *u = k->u + j * T * p, *w = k->w + i * T;
    lane *v = k->v + j * T * p;
    for (int c = 0; c < q; c++)
        for (int x = 0; x < p; x++)
            k->with_w[l->owner[c] * p + x] += k->w_sums[i * q + c] * k->u_sums[(j * p + x) * q + c];
    if (l->curved) related_times(l, m, p, 0, k->y, by_row(u, p), v, p);
    if (l->curved && exact)
        related_times(l, m, p, 0, k->dense, by_row(u, p), k->e + j * T * p, p);
    for (int a = 0; a < s; a++) {
        lane *to = k->with_w + (l->k + group[a]) * p, *last = k->with_w + (K - 1) * p;
        lane yw, ew;
        if (!l->curved) {
            for (int x = 0; x < p; x++) to[x] += w[a] * u[a * p + x];
            continue;
        }
        row_times(l, k, m, a, w, &yw, &ew);
        for (int x = 0; x < p; x++) {
            to[x] += yw * u[a * p + x] + w[a] * v[a * p + x];
            last[x] += ew * u[a * p + x];
        }
    }
}

/* Adds left'right, whose rows are (p), to the lower triangle of `square`, or to all of it. */
INLINE void add_square(Work *k, int p, int rows, const lane *left, const lane *right,
                       int all_of_it) {
    for (int i = 0, h; i < p; i += h) {
        h = height(p - i);
        product(ADD, h, all_of_it ? p : i + h, rows, turned(left + i, p), by_row(right, p),
                k->square + i * p, p);
    }
}

/* A symmetric matrix as a vector whose products with others are those of the matrices. */
INLINE void pack(Work *k, int p, int twice, lane *to) {
    const double root = sqrt(2.0);
    for (int i = 0; i < p; i++) {
        for (int j = 0; j < i; j++)
            *to++ = twice ? root * (k->square[i * p + j] + k->square[j * p + i])
                          : root * k->square[i * p + j];
        *to++ = twice ? 2.0 * k->square[i * p + i] : k->square[i * p + i];
    }
}

/* sum_i U_i' G_k U_i of each parameter, packed. */
static void add_sandwiches(const Layout *l, Work *k) {
    const int T = l->T, p = l->p, q = l->q, K = l->K, P = p * (p + 1) / 2;
    for (int c = 0; c < l->k; c++) {
        int n = 0;
        for (int j = 0; j < l->r * q; j++) {
            if (l->owner[j % q] != c) continue;
            for (int x = 0; x < p; x++) k->left[n * p + x] = k->u_sums[(j / q * p + x) * q + j % q];
            n++;
        }
        clear(k->square, p * p);
        add_square(k, p, n, k->left, k->left, 0);
        pack(k, p, 0, k->sandwich + c * P);
    }
    for (int g = 0; g < l->G; g++) {
        const int n = l->begin[g + 1] - l->begin[g], *order = l->order + l->begin[g];
        for (int i = 0; i < n; i++) {
            memcpy(k->left + i * p, k->u + order[i] * p, sizeof(lane) * p);
            if (l->curved) memcpy(k->right + i * p, k->v + order[i] * p, sizeof(lane) * p);
        }
        clear(k->square, p * p);
        add_square(k, p, n, k->left, l->curved ? k->right : k->left, l->curved);
        pack(k, p, l->curved, k->sandwich + (l->k + g) * P);
    }
    if (!l->curved) return;
    clear(k->square, p * p);
    for (int j = 0; j < l->r; j++)
        add_square(k, p, l->size[l->pattern[l->carrier[j]]], k->u + j * T * p, k->e + j * T * p, 0);
    pack(k, p, 0, k->sandwich + (K - 1) * P);
}
