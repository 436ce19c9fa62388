"""Who gets which arm when."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def williams(arms: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the sequences of a Williams design: every arm follows every other equally often.

    The first row alternates between both ends of the list of arms (0, n-1, 1, n-2, ...); row k is
    the first row with k added to every index, modulo n. With an odd number of arms the reversed
    rows are needed too: n sequences for even n, 2n for odd n. Every arm then stands once (odd n:
    twice) in every period, and every ordered pair of arms is adjacent once (odd n: twice).

    Parameters
    ----------
    arms : sequence of str
        Names of the arms.

    References
    ----------
    Williams EJ (1949). Experimental designs balanced for the estimation of residual effects of
    treatments. Australian Journal of Scientific Research A 2: 149-168.
    """
    n = len(arms)
    first = [step // 2 if step % 2 == 0 else n - 1 - step // 2 for step in range(n)]
    rows = [[(index + shift) % n for index in first] for shift in range(n)]
    if n % 2:
        rows += [row[::-1] for row in rows]
    return tuple(tuple(arms[index] for index in row) for row in rows)


def allocate(sequences: int, participants: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return each participant's sequence, drawn so that counts differ by one at most.

    Parameters
    ----------
    sequences : int
        Number of sequences.
    participants : int
        Number of participants.
    rng : numpy.random.Generator
        Source of the random order.

    Returns
    -------
    array of int, shape (participants,)
        Index of the sequence.
    """
    whole, rest = divmod(participants, sequences)
    extra = rng.permutation(sequences)[:rest]
    return rng.permutation(np.concatenate([np.tile(np.arange(sequences), whole), extra]))
