/* What `compiled.py` calls. `evaluate.h` is compiled twice, for two generations of processors. */

#define EXPORT __attribute__((visibility("default")))

int evaluate_plain(const void *layout, const void *asked);
int evaluate_wide(const void *layout, const void *asked);

static int has_wide(void) {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return 0;
#endif
}

/* Changes with the interface; `compiled.py` uses no other. */
EXPORT int kernel_version(void) { return 3; }

/* See `Asked`; returns 0 if there is no memory. */
EXPORT int evaluate(const void *layout, const void *asked) {
    return has_wide() ? evaluate_wide(layout, asked) : evaluate_plain(layout, asked);
}
