"""The serving of requests: tokens, devices and the fleet behind them, rent, a vendor's bill, and cloud credits."""
