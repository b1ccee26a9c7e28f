import numpy as np
import pytest
from scipy.io import wavfile

from mmgraph.prepare.features.sounds import Sound, open_sound, resample


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (np.array([0, 32767, -32767], dtype=np.int16), [0, 1, -1]),
        (np.array([128, 255, 1], dtype=np.uint8), [0, 0.992, -0.992]),
        (np.array([0.0, 0.5, -0.5], dtype=np.float32), [0, 0.5, -0.5]),
        (np.array([[0, 0], [32767, 0], [-32767, -32767]], dtype=np.int16), [0, 0.5, -1]),
    ],
)
def test_samples_are_of_one_channel_from_minus_one_to_one(tmp_path, samples, expected):
    wavfile.write(tmp_path / "a.wav", 8000, samples)
    sound = open_sound(tmp_path / "a.wav")
    assert sound.rate == 8000
    np.testing.assert_allclose(sound.samples, expected, atol=1e-3)


def test_a_tone_keeps_its_pitch_at_another_rate():
    tone = np.sin(2 * np.pi * 440 * np.arange(44100) / 44100).astype(np.float32)
    x = resample(Sound(tone, 44100), 16000)
    assert np.argmax(np.abs(np.fft.rfft(x))) == 440  # a second: bins are hertz


def test_what_is_no_sound_is_named(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"ID3 and more")
    with pytest.raises(ValueError, match=r"a.mp3: cannot be read as WAV .* ffmpeg -i a.mp3 a.wav"):
        open_sound(tmp_path / "a.mp3")
    wavfile.write(tmp_path / "none.wav", 8000, np.zeros(0, dtype=np.int16))
    with pytest.raises(ValueError, match=r"none.wav: "):
        open_sound(tmp_path / "none.wav")
