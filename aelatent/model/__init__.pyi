from .config import ModelConfig, TrainConfig

__all__ = ["ModelConfig", "TrainConfig"]
