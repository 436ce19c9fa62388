/* For processors with AVX2 and fused multiplication and addition. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("avx2,fma")
#endif
#include "evaluate.h"

int evaluate_wide(const void *layout, const void *asked) { return evaluate_all(layout, asked); }
