"""The serving of requests: tokens, pools of devices, the fleet behind them, rent, a vendor's bill, and cloud credits."""
