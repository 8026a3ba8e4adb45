"""The serving of requests: tokens, pools and their replicas, routes between pools, vendors, and cloud credits."""
