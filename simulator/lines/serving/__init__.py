"""The serving of requests: tokens, tasks, pools and their replicas, routes, a vendor's bill, and cloud credits."""
