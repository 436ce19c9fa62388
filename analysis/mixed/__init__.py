"""Design matrices -> certified mixed-model fits, their tests and degrees of freedom."""
