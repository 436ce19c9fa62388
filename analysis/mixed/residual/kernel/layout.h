/* A layout with X, and the work space in which a point is evaluated. */
#pragma once

#include "matrices.h"

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
