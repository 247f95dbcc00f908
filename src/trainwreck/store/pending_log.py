"""The log beside a campaign file, where a killed writer leaves its last changes.

SQLite reads this log up to the first frame whose checksum is wrong, and drops the rest in silence:
after a kill that is the change that was being written, after a damage it may be many runs. Here the
two are distinguished. The format is that of https://www.sqlite.org/fileformat.html#walformat.
"""

import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import mul
from pathlib import Path

HEADER, FRAME_HEADER = 32, 24
SUMMED = 8
"""The bytes of a frame's header that its checksum covers."""
LITTLE, BIG = 0x377F0682, 0x377F0683
WORD = 1 << 32
SETTLING = 0.1
"""Seconds after which a log without a writer is the same."""

Sum = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Frame:
    """A page of the log, its salts, and its checksum as stored."""

    salts: Sum
    stored: Sum
    words: Sequence[int]

    def sum_after(self, before: Sum) -> Sum:
        """Return the checksum that the frame has after another one."""
        return _sum_of(self.words, before)


def is_pending(campaign_file: Path) -> bool:
    """Return whether there are changes beside a campaign file that are not in it yet."""
    log = log_of(campaign_file)
    return log.exists() and log.stat().st_size > 0


def is_cut_off(campaign_file: Path) -> bool:
    """Return whether a damage of the log hides changes that were stored."""
    log = log_of(campaign_file)
    content = _content(log)
    if not hides_changes(content):
        return False
    # While somebody writes, frames of the log before are among the new ones.
    time.sleep(SETTLING)
    return _content(log) == content


def log_of(campaign_file: Path) -> Path:
    """Return where the log of a file is."""
    return campaign_file.with_name(f"{campaign_file.name}-wal")


def _content(log: Path) -> bytes:
    try:
        return log.read_bytes()
    except FileNotFoundError:
        return b""


def hides_changes(log: bytes) -> bool:
    """Return whether whole frames follow the first one that SQLite will not read."""
    if len(log) <= HEADER:
        return False
    magic, _, size, _, *salts, first, second = struct.unpack(">8I", log[:HEADER])
    order = ">" if magic == BIG else "<"
    header_sum = _sum_of(struct.unpack(f"{order}6I", log[: HEADER - SUMMED]), (0, 0))
    if magic not in (LITTLE, BIG) or header_sum != (first, second):
        return True
    frames = list(_frames(log, size, order))
    good, before = 0, header_sum
    for frame in frames:
        if frame.salts != tuple(salts) or frame.sum_after(before) != frame.stored:
            break
        good, before = good + 1, frame.stored
    return _continues(frames[good:], before, (salts[0], salts[1]))


def _frames(log: bytes, page: int, order: str) -> list[Frame]:
    step = FRAME_HEADER + page
    frames = []
    for at in range(HEADER, len(log) - step + 1, step):
        salts_and_sum = struct.unpack(">4I", log[at + SUMMED : at + FRAME_HEADER])
        summed = log[at : at + SUMMED] + log[at + FRAME_HEADER : at + step]
        words = struct.unpack(f"{order}{len(summed) // 4}I", summed)
        frames.append(Frame(salts_and_sum[:2], salts_and_sum[2:], words))
    return frames


def _continues(frames: Sequence[Frame], before: Sum, salts: Sum) -> bool:
    """Return whether frames of this log follow, which begin with one that SQLite refuses."""
    for previous, frame in pairwise(frames):
        if frame.salts == salts and frame.sum_after(previous.stored) == frame.stored:
            return True
    return bool(frames) and _one_bit_wrong(frames[0], before, salts)


def _one_bit_wrong(frame: Frame, before: Sum, salts: Sum) -> bool:
    """Return whether a frame is whole but for one bit: a writer that is killed leaves no such."""
    found = frame.sum_after(before)
    wrong_salts = sum((a ^ b).bit_count() for a, b in zip(frame.salts, salts, strict=True))
    wrong_sum = sum((a ^ b).bit_count() for a, b in zip(found, frame.stored, strict=True))
    if wrong_salts + wrong_sum <= 1:
        return True
    first, second = ((a - b) % WORD for a, b in zip(frame.stored, found, strict=True))
    return wrong_salts == 0 and any(
        (factor * change) % WORD == first and (other * change) % WORD == second
        for word, factor, other in zip(frame.words, *_factors(len(frame.words)), strict=True)
        for change in (-(1 << bit) if word >> bit & 1 else 1 << bit for bit in range(32))
    )


def _sum_of(words: Sequence[int], before: Sum) -> Sum:
    """Return SQLite's checksum of words, two by two: s0 += a + s1, then s1 += b + s0."""
    # It begins with `before` as if that were the sum of a pair.
    values = (before[0], before[1] - before[0], *words)
    first, second = (sum(map(mul, values, factors)) % WORD for factors in _factors(len(values)))
    return first, second


@cache
def _factors(number: int) -> tuple[list[int], list[int]]:
    """Return with which factor each of the words is in the two sums, which are linear in them."""
    firsts: list[int] = []
    seconds: list[int] = []
    # What each word of the last pair adds to the two sums; each pair before goes one step further.
    pair = [(1, 1), (0, 1)]
    for _ in range(number // 2):
        firsts += [first for first, _ in reversed(pair)]
        seconds += [second for _, second in reversed(pair)]
        pair = [((s0 + s1) % WORD, (s0 + 2 * s1) % WORD) for s0, s1 in pair]
    return firsts[::-1], seconds[::-1]
