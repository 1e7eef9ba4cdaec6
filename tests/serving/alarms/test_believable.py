"""The range of believable figures, tried on simulated days whose truth is known."""

import numpy as np
import pytest

from serving.alarms.believable import LEAST_WEEKS, believable

WEEKLY = np.array([1.0, 1.05, 1.02, 1.0, 0.95, 0.7, 0.75])
DAYS = 400
FIGURES = {"sessions": 1.0, "visitors": 0.8, "conversions": 0.1, "revenue": 5.0}
"""Of the same day, as multiples of its sessions."""
LEAST = 30


def simulated(seed, a_day, growth, noise):
    """400 days of four figures: a week's season, growth in a year, a day's own luck, and chance of each."""
    random = np.random.default_rng(seed)
    days = np.arange(DAYS)
    mean = a_day * growth ** (days / 365) * WEEKLY[days % 7] * np.exp(random.normal(0, noise, DAYS))
    return {
        name: random.poisson(mean * share) * (1 if name != "revenue" else np.exp(random.normal(0, 0.03, DAYS)))
        for name, share in FIGURES.items()
    }


def judged(figures, day):
    found = believable(figures[max(day - 56, 0) : day].tolist())
    return found if found and found.usual >= LEAST else None


@pytest.mark.parametrize(
    ("a_day", "growth", "luck", "most_missed"),
    [
        *((2000, growth, 0.08, 0.001) for growth in (1.0, 3.0, 0.4)),
        *((20_000, 2.0, 0.08, 0.001), (600, 1.5, 0.08, 0.001), (250, 1.0, 0.08, 0.01)),
        # Here a half is within what chance, or a day's own luck, does.
        *((120, 1.0, 0.08, 0.08), (60, 1.0, 0.08, 0.35), (2000, 1.0, 0.15, 0.4)),
    ],
)
def test_of_400_days_at_most_one_alarm_a_month_is_false_and_a_halved_day_of_a_busy_site_is_found(
    a_day, growth, luck, most_missed, size
):
    false, halved, missed, days = 0, 0, 0, 0
    for seed in range(size(8, 40)):
        history = simulated(seed, a_day, growth, noise=luck)
        days += DAYS
        for name, figures in history.items():
            was_unusual = False
            for day in range(DAYS):
                if not (usual := judged(figures, day)):
                    continue
                is_unusual = not usual.holds(figures[day])
                false += is_unusual and not was_unusual
                was_unusual = is_unusual
                if name == "sessions":
                    halved += 1
                    missed += usual.holds(figures[day] / 2)
    print(
        f"{a_day} a day, growth {growth}, luck {luck}: {30 * false / days:.2f} false a month; {missed} of {halved} halved missed"
    )
    assert 30 * false / days <= 1
    assert missed <= halved * most_missed
    assert halved > 300


def test_a_weekend_is_measured_by_weekends_and_growth_is_no_surprise():
    days = [1000 * WEEKLY[day % 7] * 1.01**day for day in range(56)]
    expected = 1000 * WEEKLY[0] * 1.01**56
    usual = believable(days)
    assert usual.usual == pytest.approx(expected, rel=1e-6)
    assert usual.holds(expected)
    assert not usual.holds(expected / 2)
    assert not usual.holds(expected * 2)


def test_a_holiday_among_the_eight_weeks_changes_little():
    days = [1000.0 + day % 7 for day in range(56)]
    before = believable(days)
    days[21], days[22] = 0, 50
    after = believable(days)
    assert after.usual == pytest.approx(before.usual, rel=0.01)


def test_nothing_is_said_before_the_fourth_same_weekday():
    assert believable([100.0] * (7 * LEAST_WEEKS - 1)) is None
    assert believable([100.0] * 7 * LEAST_WEEKS)
    assert believable([None] * 28 + [100.0] * 27) is None
    assert believable([]) is None


def test_small_counts_may_vary_by_chance():
    usual = believable([16] * 56)
    assert usual.holds(7)
    assert usual.holds(36)
