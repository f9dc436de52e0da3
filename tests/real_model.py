"""Where tests keep the packaged model in the form that loads fast, made once for all of them."""

from pathlib import Path

MODELS = Path(__file__).parent.parent / "build" / "models"
