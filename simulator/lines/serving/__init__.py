"""What answering requests takes: tokens, pools of devices, the fleet behind them, rent, and cloud credits."""
