/* A layout with X, and the work space in which points are evaluated. */
#pragma once

#include "lanes.h"

/* n participants with at most T rows, in m patterns; C classes of pairs; r participants carry X of
   p columns; G variance groups, q intercepts of k components. K parameters: of the components, of
   the groups, and, if the law is curved, the correlation. */
typedef struct {
    int m, T, C, n, r, p, G, q, k, curved;
    int K, lags;            /* lags from 0 to lags - 1 */
    const int *size;        /* (m)        rows of a pattern; those that follow are none */
    const int *pair;        /* (m, T, T)  class of each pair of rows */
    const int *pattern;     /* (n)        ascending */
    const int *carrier;     /* (r)        participants with X, ascending */
    const int *group;       /* (m, T)     variance group of a row */
    const int *from, *to;   /* (m, T)     rows whose errors are related to those of a row */
    const int *owner;       /* (q)        component of an intercept */
    const int *order;       /* (r T)      rows of the participants with X by variance group */
    const int *begin;       /* (G + 1)    where each group begins among these */
    const int *one, *other; /* (C)        groups of the two rows of a class, -1 if unrelated */
    const int *lag;         /* (C)        visits between them */
    const double *counts;   /* (m)        participants of a pattern */
    const double *f;        /* (m, T, q)  whether a row has an intercept */
    const double *x;        /* (r, T, p) */
    const double *linear;   /* (K, C)     coefficients of the parameters, none of the curved part */
} Layout;

/* Matrices of a pattern of s rows are (s, s), one behind the other as if they were (T, T). */
typedef struct {
    lane *phi, *response;                           /* (K), (n, T) */
    lane *value, *power, *slope, *mass;             /* (C): `by_class`, and `gradient_at` */
    lane *powers;                                   /* (lags): of the correlation */
    lane *root, *scale;                             /* (T, T) or (p, p): L; 1 / its diagonal */
    lane *lower, *inverse, *uu, *ww;                /* (m, T, T): L^-1, V^-1, sums */
    lane *white, *u, *tall;                         /* (r, T, p): L^-1 X, U; (T, p) */
    lane *gram, *gram_lower;                        /* (p, p) */
    lane *along, *coefficients;                     /* (p) */
    lane *rest, *w;                                 /* (n, T) */
    lane *reach, *u_sums, *w_sums;                  /* (m, T, q), (r, p, q), (n, q): sums */
    lane *y, *dense, *b;                            /* (T, T): Y, derivative by rho: E, B */
    lane *ya, *yb, *yay, *yby, *ea, *eb;            /* (T, T): products with A and B */
    lane *af, *bf, *yaf, *ybf, *in_a, *in_b;        /* (T, q), (q, q) */
    lane *v, *e, *left, *right;                     /* (r T, p): Y U, E U; rows of a group */
    lane *square, *sandwich;                        /* (p, p), (K, p (p + 1) / 2) */
    lane *moved, *whitened;                         /* (K, T): G_k w, and whitened */
    lane *with_w;                                   /* (K, p) */
    lane *gradient, *second;                        /* (K), (K, K): its lower triangle */
} Work;

/* Hands the work space out, if there is any; returns how many numbers it holds. */
static size_t lay_out(const Layout *l, Work *k, lane *space) {
    const size_t T = l->T, p = l->p, q = l->q, C = l->C, K = l->K, rows = l->r * T;
    const size_t square = T * T, all_rows = l->n * T, patterns = l->m * square, gram = p * p;
    const size_t larger = T > p ? T : p, most = rows > l->r * q ? rows : l->r * q;
    const struct {
        lane **place;
        size_t size;
    } parts[] = {
        {&k->phi, K},           {&k->response, all_rows}, {&k->value, C},
        {&k->power, C},         {&k->slope, C},           {&k->mass, C},
        {&k->powers, l->lags},  {&k->root, larger * larger}, {&k->scale, larger},
        {&k->lower, patterns},  {&k->inverse, patterns},  {&k->uu, patterns},
        {&k->ww, patterns},     {&k->white, rows * p},    {&k->u, rows * p},
        {&k->tall, T * p},      {&k->gram, gram},         {&k->gram_lower, gram},
        {&k->along, p},         {&k->coefficients, p},    {&k->rest, all_rows},
        {&k->w, all_rows},      {&k->reach, l->m * q * T}, {&k->u_sums, l->r * q * p},
        {&k->w_sums, l->n * q}, {&k->y, square},          {&k->dense, square},
        {&k->b, square},        {&k->ya, square},         {&k->yb, square},
        {&k->yay, square},      {&k->yby, square},        {&k->ea, square},
        {&k->eb, square},       {&k->af, T * q},          {&k->bf, T * q},
        {&k->yaf, T * q},       {&k->ybf, T * q},         {&k->in_a, q * q},
        {&k->in_b, q * q},      {&k->v, rows * p},        {&k->e, rows * p},
        {&k->left, most * p},   {&k->right, most * p},    {&k->square, gram},
        {&k->sandwich, K * p * (p + 1) / 2}, {&k->moved, K * T}, {&k->whitened, K * T},
        {&k->with_w, K * p},    {&k->gradient, K},        {&k->second, K * K},
    };
    size_t used = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (space != NULL) *parts[i].place = space + used;
        used += parts[i].size;
    }
    return used;
}

/* How many rows to take next: at best such whose errors are related to the same others. */
INLINE int related_height(const Layout *l, int m, int row) {
    const int end = l->curved ? l->to[m * l->T + row] : l->size[m];
    return height(end - row);
}
