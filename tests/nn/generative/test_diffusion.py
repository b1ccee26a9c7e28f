import pytest
import torch

from mmgraph.nn import GaussianDiffusion, RowDenoiser, RowDiffusion


def test_what_is_left_shrinks_and_the_first_step_is_nearly_clean():
    left = GaussianDiffusion(5).left
    assert left[0] == pytest.approx(1 - 1e-4)
    assert (left.diff() < 0).all()


def test_a_step_back_is_the_posterior_mean():
    """With the clean row known, the mean of q(a_{t-1} | a_t, a_0) by Bayes' rule for two Gaussians."""
    schedule = GaussianDiffusion(4, noise_scale=0.5, noise_min=0.1, noise_max=0.9)
    clean, blurred = torch.randn(2, 3), torch.randn(2, 3)
    for step in range(1, 4):
        before, now = schedule.left[step - 1], schedule.left[step]
        kept = now / before
        prior, likelihood = 1 / (1 - before), kept / (1 - kept)
        mean = (prior * before.sqrt() * clean + likelihood * blurred / kept.sqrt()) / (prior + likelihood)
        torch.testing.assert_close(schedule.back(blurred, clean, step), mean, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(schedule.back(blurred, clean, 0), clean)


def test_an_error_counts_what_its_step_takes():
    schedule = GaussianDiffusion(3)
    ratio = schedule.left.double() / (1 - schedule.left.double())
    expected = torch.stack([torch.ones(()).double(), ratio[0] - ratio[1], ratio[1] - ratio[2]]).float()
    torch.testing.assert_close(schedule.error_weight(torch.arange(3)), expected, atol=0, rtol=1e-2)


def test_a_denoiser_learns_rows_again():
    rows = torch.eye(8)[torch.arange(64) % 8] + torch.eye(8)[(torch.arange(64) + 1) % 8]
    diffusion = RowDiffusion(8, hidden_dim=32, dropout=0.1)
    optimizer = torch.optim.Adam(diffusion.parameters(), lr=0.02)
    for _ in range(150):
        guess, weight = diffusion(rows)
        optimizer.zero_grad()
        (weight * (guess - rows).square().mean(-1)).mean().backward()
        optimizer.step()
    restored = diffusion.restore(rows[:8])
    assert torch.equal(restored.topk(2).indices.sort().values, rows[:8].topk(2).indices.sort().values)


@pytest.mark.parametrize("num_steps", [1, 4])
def test_walking_back_among_hidden_units_is_walking_back_by_rows(num_steps):
    diffusion = RowDiffusion(9, hidden_dim=5, num_steps=num_steps, noise_scale=0.9)
    rows = (torch.rand(7, 9) < 0.3).float()
    expected = rows
    for step in reversed(range(num_steps)):
        guess = diffusion.denoiser(expected, torch.full((7,), step))
        expected = diffusion.schedule.back(expected, guess, step)
    torch.testing.assert_close(diffusion.restore(rows), expected)
    torch.testing.assert_close(diffusion.restore(rows.to_sparse()), expected)
    edges = diffusion.best(rows.to_sparse(), 2, batch_size=3)
    assert torch.equal(edges[1].view(7, 2), expected.topk(2).indices)


def test_the_step_is_told_by_sines_and_cosines():
    denoiser = RowDenoiser(4, hidden_dim=3, time_dim=2)
    with torch.no_grad():
        denoiser.time.weight.copy_(torch.eye(2))
        denoiser.time.bias.zero_()
    step = torch.tensor([2])
    time = torch.stack([step.float().cos(), step.float().sin()], dim=-1)
    hidden = torch.tanh(torch.ones(1, 4) @ denoiser.encode + denoiser.encode_time(time))
    torch.testing.assert_close(denoiser(torch.ones(1, 4), step), hidden @ denoiser.decode.T + denoiser.decode_bias)


def test_settings_out_of_range():
    with pytest.raises(ValueError, match="time_dim=3"):
        RowDenoiser(4, time_dim=3)
    with pytest.raises(ValueError, match="noise_scale=2"):
        GaussianDiffusion(5, noise_scale=2)
