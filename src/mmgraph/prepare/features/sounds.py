"""Sound files: WAV, which needs no decoder of its own."""

import math
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32


class Sound(NamedTuple):
    """A sound of one channel.

    Attributes:
        samples: from -1 to 1.
        rate: samples a second.
    """

    samples: Float32[np.ndarray, "samples"]
    rate: int


def open_sound(path: Path) -> Sound:
    """Reads a WAV file; several channels are averaged.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be read as WAV, or holds no sample; names it and says why.
    """
    from scipy.io import wavfile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # chunks with titles and the like, which nobody needs here
            rate, samples = wavfile.read(path)
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged file fails in a dozen ways inside SciPy
        raise ValueError(
            f"{path}: cannot be read as WAV ({str(error) or type(error).__name__}); convert it: ffmpeg -i {path.name} "
            f"{path.stem}.wav"
        ) from error
    if not len(samples):
        raise ValueError(f"{path}: holds no sound")
    return Sound(_as_floats(samples), int(rate))


def _as_floats(samples: np.ndarray) -> Float32[np.ndarray, "samples"]:
    x = samples.astype(np.float32)
    if samples.dtype == np.uint8:  # the one format whose silence is not 0
        x = (x - np.float32(128)) / np.float32(128)
    elif samples.dtype.kind == "i":
        x = x / np.float32(np.iinfo(samples.dtype).max)
    return x if x.ndim == 1 else x.mean(axis=1)


def resample(sound: Sound, rate: int) -> Float32[np.ndarray, "samples"]:
    """The samples of a sound at another rate.

    >>> resample(Sound(np.zeros(44100, dtype=np.float32), 44100), 16000).shape
    (16000,)
    """
    if sound.rate == rate:
        return sound.samples
    from scipy.signal import resample_poly

    common = math.gcd(sound.rate, rate)
    return resample_poly(sound.samples, rate // common, sound.rate // common).astype(np.float32)
