from .config import ModelConfig as ModelConfig, TrainConfig as TrainConfig
