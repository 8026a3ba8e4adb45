"""The serving of requests: tokens, pools of devices, the fleet behind them, rent, and cloud credits."""
