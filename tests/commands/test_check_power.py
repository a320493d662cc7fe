"""The statistical rule on synthetic curves: how often noise fails a build, and a loss does not."""

from scripts.check_power import MARGIN, Scenario, rates

N_BUILDS = 400


def test_noise_does_not_break_a_build():
    losses = [0.0, MARGIN / 2, MARGIN]
    for scenario in (Scenario(0.01), Scenario(0.02), Scenario(0.02, skewed=True)):
        paired = rates(scenario, losses, N_BUILDS)[:, 0]
        assert paired[0] < 0.02
        assert paired[1] < 0.06
        # At the margin itself: half of 1 − confidence.
        assert paired[2] < 0.06


def test_a_plain_drop_lets_noise_break_a_build():
    plain = rates(Scenario(0.02), [0.0, MARGIN], N_BUILDS)[:, 2]
    assert plain[0] > 0.08
    assert plain[1] > 0.4


def test_a_real_loss_does_not_hide():
    paired = rates(Scenario(0.01), [0.015, 0.02], N_BUILDS)[:, 0]
    assert paired[0] > 0.85
    assert paired[1] > 0.99


def test_the_more_repeats_the_smaller_the_loss_that_is_seen():
    few, many = (
        rates(Scenario(0.01, n_repeats=n), [0.01], N_BUILDS)[0, 0]
        for n in (10, 40)
    )  # fmt: skip
    assert many > few + 0.2


def test_unpaired_runs_need_a_larger_loss():
    row = rates(Scenario(0.01), [0.0, 0.015], 100)
    assert row[0, 1] < 0.06
    assert row[1, 1] < row[1, 0] - 0.3
